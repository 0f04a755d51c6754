/** Prints the cases as the oracle reads them: one JSON object per line. */
import {CASES} from './cases.ts';

for (const question of CASES) {
  const requests = question.requests?.map((request) => ({...request, user: request.user ?? null}));
  console.log(JSON.stringify({...question, ...(requests !== undefined && {requests})}));
}
