/**
 * Faults to plant in the product, one at a time: `faults.ts` shows that each is found. A fault replaces a text that stands
 * once in a file of src/evaluate; when the code has changed so that it no longer does, the run fails and the fault has to
 * be written anew.
 */

/** One fault. */
export interface Fault {
  /** What is wrong then. */
  readonly name: string;
  readonly file: string;
  readonly text: string;
  readonly replacement: string;
}

/** All faults, by the file they are planted in. */
export const FAULTS: readonly Fault[] = [
  {
    name: '`pods/*` does not match `pods`',
    file: 'match.ts',
    text: 'spec.isAny || spec.resourceAndBelow === resource)',
    replacement: "spec.isAny || (subresource !== '' && spec.resourceAndBelow === resource))",
  },
  {
    name: '`*/exec` matches any resource',
    file: 'match.ts',
    text: "if (subresource === '') return spec.literal === resource;",
    replacement: "if (subresource === '') return spec.literal === resource || spec.subresourceOfAny !== undefined;",
  },
  {
    name: '`pods` matches its subresources',
    file: 'match.ts',
    text: 'return spec.subresourceOfAny === subresource ||',
    replacement: 'return spec.literal === resource || spec.subresourceOfAny === subresource ||',
  },
  {
    name: '`*/*` matches everything',
    file: 'match.ts',
    text: "isAny: text === '*',\n    literal: text,\n    subresourceOfAny",
    replacement: "isAny: text === '*' || text === '*/*',\n    literal: text,\n    subresourceOfAny",
  },
  {
    name: 'the verb `*` is a wildcard',
    file: 'match.ts',
    text: '!rule.verbs.includes(verb)) return [];',
    replacement: "!rule.verbs.includes(verb) && !rule.verbs.includes('*')) return [];",
  },
  {
    name: 'verbs are compared without regard to case',
    file: 'match.ts',
    text: '!rule.verbs.includes(verb)) return [];',
    replacement: '!rule.verbs.some((each) => each.toLowerCase() === verb)) return [];',
  },
  {
    name: 'the user `*` is a wildcard',
    file: 'match.ts',
    text: '!hasString(users, user.name))) return false;',
    replacement: "!(hasString(users, user.name) || hasString(users, '*')))) return false;",
  },
  {
    name: 'without a user the groups of a rule are not asked for',
    file: 'match.ts',
    text: '  if (user === undefined) return false;\n  for (const group',
    replacement: '  if (user === undefined) return true;\n  for (const group',
  },
  {
    name: 'the namespace "" is any namespace',
    file: 'match.ts',
    text: 'if (namespaces !== undefined && !hasString(namespaces, target.namespace)) return false;',
    replacement:
      "if (namespaces !== undefined && !hasString(namespaces, target.namespace) && !hasString(namespaces, '')) return false;",
  },
  {
    name: 'a rule with namespaces alone is for paths too',
    file: 'match.ts',
    text: 'if (namespaces.length > 0 || resources.length > 0) return undefined;',
    replacement: 'if (resources.length > 0) return undefined;',
  },
  {
    name: 'resourceNames count for requests with a name only',
    file: 'match.ts',
    text: 'spec.names === undefined ||',
    replacement: "spec.names === undefined || target.name === '' ||",
  },
  {
    name: 'an absent group is any group',
    file: 'match.ts',
    text: '(entry) => entry.group === group ||',
    replacement: "(entry) => entry.group === '' || entry.group === group ||",
  },
  {
    name: 'the group `*` is no wildcard in 1.37',
    file: 'match.ts',
    text: 'isAtLeast(serverVersion, 36)',
    replacement: 'isAtLeast(serverVersion, 38)',
  },
  {
    name: 'a path without a star is a prefix',
    file: 'match.ts',
    text: "prefix: text.endsWith('*') ? trimStars(text) : undefined",
    replacement: 'prefix: trimStars(text)',
  },
  {
    name: '`/healthz/*` matches `/healthz`',
    file: 'match.ts',
    text: 'return isAny || literal === path ||',
    replacement: 'return isAny || literal === path || literal === `${path}/*` ||',
  },
  {
    name: 'a rule’s omitStages replace the policy’s',
    file: 'match.ts',
    text: 'omitStages: unionStages(policy.omitStages, rule.omitStages),',
    replacement: 'omitStages: unionStages(rule.omitStages.length > 0 ? rule.omitStages : policy.omitStages),',
  },
  {
    name: 'omitManagedFields: false in a rule does not count',
    file: 'match.ts',
    text: 'rule.omitManagedFields ?? policy.omitManagedFields',
    replacement: 'rule.omitManagedFields || policy.omitManagedFields',
  },
  {
    name: 'what was remembered for one group is taken for another',
    file: 'match.ts',
    text: 'return remembered(byGroup, group,',
    replacement: 'return remembered(byGroup, group.slice(0, 1),',
  },
  {
    name: 'in a long list the last value is not found',
    file: 'match.ts',
    text: 'new Set(values) : undefined',
    replacement: 'new Set(values.slice(0, -1)) : undefined',
  },
  {
    name: 'one message that comes twice is told twice',
    file: 'load/validate-policy.ts',
    text: 'if (!first.has(fault.message)) first.set(fault.message, fault);',
    replacement: 'first.set(`${first.size}`, fault);',
  },
  {
    name: 'lists are printed as JSON in every release',
    file: 'load/validate-policy.ts',
    text: 'isAtLeast(serverVersion, 34)',
    replacement: 'isAtLeast(serverVersion, 23)',
  },
  {
    name: 'the group `*` is allowed in 1.34',
    file: 'load/validate-policy.ts',
    text: 'isAtLeast(serverVersion, 36)',
    replacement: 'isAtLeast(serverVersion, 34)',
  },
  {
    name: 'names without resources are allowed',
    file: 'load/validate-policy.ts',
    text: 'resourceNames.length > 0 && resources.length === 0',
    replacement: 'resourceNames.length > 99 && resources.length === 0',
  },
  {
    name: 'namespaces beside nonResourceURLs are allowed',
    file: 'load/validate-policy.ts',
    text: '(rule.resources.length > 0 || rule.namespaces.length > 0)',
    replacement: 'rule.resources.length > 0',
  },
  {
    name: '/api/v1/namespaces/x has no namespace',
    file: 'request/request-info.ts',
    text: 'return {namespace, rest: isOfNamespace ?',
    replacement: "return {namespace: isOfNamespace ? '' : namespace, rest: isOfNamespace ?",
  },
  {
    name: 'HEAD is no get',
    file: 'request/request-info.ts',
    text: "    case 'HEAD':\n",
    replacement: '',
  },
  {
    name: 'a deletecollection is named by its field selector',
    file: 'request/request-info.ts',
    text: "return {verb: 'deletecollection', name: ''};",
    replacement:
      "return {verb: 'deletecollection', name: listOptions(parseQuery(rawQuery, false), serverVersion).name};",
  },
  {
    name: '`watch=` is no watch',
    file: 'request/request-info.ts',
    text: "return value === '0' ||",
    replacement: "return value === '' || value === '0' ||",
  },
  {
    name: 'the field selector counts although the limit is no number',
    file: 'request/request-info.ts',
    text: "for (const key of ['timeoutSeconds', 'limit']) {",
    replacement: "for (const key of ['timeoutSeconds']) {",
  },
  {
    name: 'an escaped slash does not part a path',
    file: 'request/request-info.ts',
    text: '= splitPath(url.path);',
    replacement: "= splitPath(url.text.replace(/[?].*$/s, ''));",
  },
  {
    name: 'of two names in a field selector the first counts',
    file: 'request/selectors.ts',
    text: '.toSorted()',
    replacement: '',
  },
  {
    name: '`a in (b,,)` is a label selector in every release',
    file: 'request/selectors.ts',
    text: "if (!this.#commasMayEnd) this.#take(',');",
    replacement: '',
  },
  {
    name: 'a plus in a path is a space',
    file: 'request/go-url.ts',
    text: "mode === 'query' ? text.replaceAll('+', ' ') : text;",
    replacement: "mode !== 'host' ? text.replaceAll('+', ' ') : text;",
  },
  {
    name: 'JSON behind a byte order mark is read as JSON',
    file: 'load/load-policy.ts',
    text: String.raw`\u3000]*\{/.test(text)`,
    replacement: String.raw`\u3000\ufeff]*\{/.test(text)`,
  },
  {
    name: 'apiVersion and kind are found in their own spelling only',
    file: 'load/policy-kind.ts',
    text: 'const name = FOLDED_NAMES.get(fold(key));',
    replacement: "const name = key === 'apiVersion' || key === 'kind' ? FOLDED_NAMES.get(fold(key)) : undefined;",
  },
  {
    name: 'a policy without kind is refused',
    file: 'load/policy-kind.ts',
    text: "kind: kind.value === '' ? 'Policy' : kind.value,",
    replacement: 'kind: kind.value,',
  },
  {
    name: 'v1beta1 is accepted by 1.25',
    file: 'load/policy-kind.ts',
    text: 'isBeta && serverVersion !== undefined && !isAtLeast(serverVersion, 24)',
    replacement: 'isBeta && serverVersion !== undefined && !isAtLeast(serverVersion, 26)',
  },
  {
    name: 'unknown fields are noted by 1.25',
    file: 'load/load-policy.ts',
    text: 'isAtLeast(serverVersion, 26);',
    replacement: 'isAtLeast(serverVersion, 25);',
  },
  {
    name: 'a deprecated version is not noted by 1.23',
    file: 'load/load-policy.ts',
    text: "version === 'v1' || !isAtLeast(serverVersion, 21)",
    replacement: "version === 'v1' || !isAtLeast(serverVersion, 24)",
  },
  {
    name: 'no rules are found before what is invalid',
    file: 'load/load-policy.ts',
    text: '= validatePolicy(policy, options.serverVersion);',
    replacement: '= policy.rules.length === 0 ? undefined : validatePolicy(policy, options.serverVersion);',
  },
  {
    name: 'fields are found without regard to case',
    file: 'load/decode-policy.ts',
    text: 'Object.hasOwn(type.fields, key) ? type.fields[key] : undefined;',
    replacement: 'Object.entries(type.fields).find(([name]) => name.toLowerCase() === key.toLowerCase())?.[1];',
  },
  {
    name: 'of a repeated key in JSON the first value counts',
    file: 'load/decode-policy.ts',
    text: "      if (seen.has(key)) this.#saveStrictError('duplicate field', strictPath, key);\n      seen.add(key);\n      [",
    replacement:
      "      if (seen.has(key)) {\n        this.#saveStrictError('duplicate field', strictPath, key);\n        continue;\n      }\n      seen.add(key);\n      [",
  },
  {
    name: 'a list that is shorter and then longer again has forgotten its values',
    file: 'load/decode-policy.ts',
    text: 'beyond: before.slice(items.length),',
    replacement: 'beyond: [],',
  },
  {
    name: 'omitManagedFields: null is false',
    file: 'load/decode-policy.ts',
    text: 'return isNullable(type) ? undefined : previous;',
    replacement: "return type.kind === 'bool' ? false : isNullable(type) ? undefined : previous;",
  },
  {
    name: 'a wrong type is no reason to refuse',
    file: 'load/decode-policy.ts',
    text: '  decoder.refuseWrongTypes();\n',
    replacement: '',
  },
  {
    name: 'text after a JSON policy is ignored',
    file: 'load/decode-json.ts',
    text: 'if (this.#offset < this.#text.length) throw',
    replacement: 'if (this.#offset < 0) throw',
  },
  {
    name: '`y` is a text',
    file: 'load/resolve-scalar.ts',
    text: "['y', 'Y', 'yes',",
    replacement: "['yes',",
  },
  {
    name: '017 is 17',
    file: 'load/resolve-scalar.ts',
    text: 'BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits}` : digits)',
    replacement: 'BigInt(digits)',
  },
  {
    name: 'of several YAML documents the last counts',
    file: 'load/yaml/node.ts',
    text: '  const root = new Composer().compose(parser);\n  const rest = parser.markOfRest();\n',
    replacement:
      "  let root = new Composer().compose(parser);\n  while (parser.next().kind !== 'stream-end') root = new Composer().compose(parser);\n  const rest = parser.markOfRest();\n",
  },
  {
    name: 'of a repeated key in YAML, merged or not, the first value counts',
    file: 'load/yaml/decoder.ts',
    text: 'mapping.entries.set(identity, entry);',
    replacement: 'if (earlier === undefined) mapping.entries.set(identity, entry);',
  },
  {
    name: 'merges are not merged',
    file: 'load/yaml/decoder.ts',
    text: "node.value === '<<' &&",
    replacement: "node.value === '<<<' &&",
  },
  {
    name: 'of an anchor that is set twice the first counts',
    file: 'load/yaml/node.ts',
    text: 'if (event.anchor !== undefined) this.#anchors',
    replacement: 'if (event.anchor !== undefined && !this.#anchors.has(event.anchor)) this.#anchors',
  },
  {
    name: 'aliases may expand without limit',
    file: 'load/yaml/decoder.ts',
    text: 'if (decodeCount <= 400_000) return 0.99;',
    replacement: 'if (decodeCount <= 400_000) return 2;',
  },
];
