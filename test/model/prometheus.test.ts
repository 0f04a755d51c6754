import {expect} from 'chai';
import {parseAuditMetrics} from '../../src/model/prometheus.ts';

const EMPTY = {
  levelTotal: undefined,
  eventTotal: undefined,
  errorTotal: {},
  requestsRejectedTotal: undefined,
  processStartTimeSeconds: undefined,
};

describe('parseAuditMetrics', () => {
  it('reads a server that audits', () => {
    const text = `# HELP apiserver_audit_event_total [ALPHA] Counter of audit events generated and sent to the audit backend.
# TYPE apiserver_audit_event_total counter
apiserver_audit_event_total 1.234567e+06
# TYPE apiserver_audit_level_total counter
apiserver_audit_level_total{level="Metadata"} 1234
apiserver_audit_level_total{level="None"} 5
apiserver_audit_error_total{plugin="buffered"} 2
apiserver_audit_requests_rejected_total 0
apiserver_audit_level_total_of_another_name{level="Request"} 7
process_start_time_seconds 1.76388e+09
`;
    expect(parseAuditMetrics(text)).to.deep.equal({
      levelTotal: {Metadata: 1234, None: 5},
      eventTotal: 1234567,
      errorTotal: {buffered: 2},
      requestsRejectedTotal: 0,
      processStartTimeSeconds: 1763880000,
    });
  });

  it('tells absent from zero', () => {
    expect(parseAuditMetrics('apiserver_audit_event_total 0\n')).to.deep.equal({...EMPTY, eventTotal: 0});
    expect(parseAuditMetrics('')).to.deep.equal(EMPTY);
  });

  it('takes labels in any order, with escapes and blanks, adding up the rest', () => {
    const text = [
      String.raw`apiserver_audit_error_total{ x="a\"},b" , plugin = "lo\\g" , } 1 1700000000000`,
      String.raw`apiserver_audit_error_total{plugin="lo\\g",x="\n"} +2.5E0`,
    ].join('\r\n');
    expect(parseAuditMetrics(text).errorTotal).to.deep.equal({'lo\\g': 3.5});
  });

  for (const line of [
    'apiserver_audit_event_total',
    'apiserver_audit_event_total NaN',
    'apiserver_audit_event_total{level="x" 5',
    'apiserver_audit_event_total{level=x} 5',
    '<html>',
  ]) {
    it(`passes over ${line}`, () => expect(parseAuditMetrics(line)).to.deep.equal(EMPTY));
  }
});
