/** dataset, datarep, geoip, iprep: what they read, what they refuse and where, and what they compile to. */
import { describe, expect, it } from 'vitest';
import { Diagnostics } from '../../../src/rule/diagnostics/diagnostic.js';
import { parseRule } from '../../../src/rule/parse/parser.js';
import type { AddressSet, Ranges } from '../../../src/block/terms.js';
import type { RuleProgram } from '../../../src/rule/program.js';
import type { Dataset } from '../../../src/rule/buffer-match.js';
import type { CountryAddresses, DataProblem, DatasetRequest, RuleData } from '../../../src/rule/compile/rule-data.js';
import { ProgramBuilder } from '../../../src/rule/compile/rule-builder.js';
import { keyword } from '../../support/rule-options.js';

const NO_ENTRIES = { count: 0, bytes: new Uint8Array(), ends: new Uint32Array(), values: new Uint16Array() };
const SET: AddressSet = { ipv4: [[1, 2]], ipv6: [] };

/** Data that remembers what it was asked for. */
class Asked implements RuleData {
  readonly requests: unknown[] = [];
  answer: DataProblem | undefined;

  dataset(request: DatasetRequest, ruleFile: string): Dataset | DataProblem {
    this.requests.push({ ...request, ruleFile });
    return this.answer ?? { name: request.name, type: 'ip', entries: NO_ENTRIES, save: undefined, memcap: undefined };
  }

  countries(codes: readonly string[], negated: boolean): CountryAddresses | DataProblem {
    this.requests.push({ codes, negated });
    return this.answer ?? { addresses: SET, unknown: codes.filter((code) => code === 'UK') };
  }

  reputation(category: string, scores: Ranges): AddressSet | DataProblem {
    this.requests.push({ category, scores });
    return this.answer ?? SET;
  }
}

interface Outcome {
  readonly program: RuleProgram | undefined;
  /** `code 'what it points at'`. */
  readonly findings: readonly string[];
  readonly requests: readonly unknown[];
  readonly hints: readonly (string | undefined)[];
}

function compile(options: string, answer?: DataProblem, withData = true): Outcome {
  const text = `alert ip any any -> any any (${options} sid:1;)`;
  const diagnostics = new Diagnostics();
  const rule = parseRule(text, diagnostics)!;
  const data = new Asked();
  data.answer = answer;
  const builder = new ProgramBuilder(
    { classification: () => undefined, reference: () => undefined, data: withData ? data : undefined },
    diagnostics,
    '/rules/a.rules',
  );
  for (const node of rule.options) {
    const option = keyword(node.name.text);
    const value = option.parse(node, diagnostics);
    if (value !== undefined) option.compile(value, builder, node);
  }
  const header = {
    protocol: 'ip',
    source: undefined,
    sourcePorts: undefined,
    destination: undefined,
    destinationPorts: undefined,
    bidirectional: false,
  } as const;
  return {
    program: builder.build({ action: 'alert', header, origin: { file: '/rules/a.rules', line: 1 } }),
    findings: diagnostics.list.map(({ code, span }) => `${code} '${text.slice(span.start, span.end)}'`),
    requests: data.requests,
    hints: diagnostics.list.map(({ hint }) => hint),
  };
}

describe('dataset', () => {
  it('asks for its set and becomes a step over the sticky buffer', () => {
    const { program, findings, requests } = compile(
      'ip.src; dataset:set, Seen, type ip, load a.lst, save b.lst, memcap 10mb, hashsize 1024;',
    );
    expect(findings).toEqual([]);
    expect(requests).toEqual([
      {
        name: 'Seen',
        type: 'ip',
        load: 'a.lst',
        save: 'b.lst',
        state: undefined,
        memcap: 10_485_760,
        ruleFile: '/rules/a.rules',
      },
    ]);
    expect(program?.buffers).toMatchObject([
      { buffer: 'ip.src', matches: [{ kind: 'dataset', operation: 'set', set: { name: 'Seen' } }] },
    ]);
  });

  it('looks at what transforms make of the buffer, and at base64_data', () => {
    expect(compile('pkt_data; to_md5; dataset:isset,a;').program?.buffers).toMatchObject([
      { buffer: 'payload', transforms: [{ kind: 'to_md5' }], matches: [{ kind: 'dataset' }] },
    ]);
    expect(compile('base64_decode:bytes 9; base64_data; dataset:isnotset,a;').program?.buffers).toMatchObject([
      { buffer: 'payload' },
      { buffer: 'base64_data', matches: [{ operation: 'isnotset' }] },
    ]);
  });

  it.each([
    ['dataset:isset,bad,type ip; ip.src;', "no-sticky-buffer 'dataset'"],
    ['content:"a"; dataset:isset,bad,type ip;', "no-sticky-buffer 'dataset'"],
    ['ip.src; dataset:is,bad;', "unknown-argument 'is'"],
    ['ip.src; dataset:isset;', "missing-argument 'isset'"],
    ['ip.src; dataset:isset,two words;', "bad-name 'two words'"],
    ['ip.src; dataset:isset,,type ip;', "bad-name ''"],
    [`ip.src; dataset:isset,${'a'.repeat(64)};`, `bad-name '${'a'.repeat(64)}'`],
    ['ip.src; dataset:isset,a,type address;', "bad-argument 'address'"],
    ['ip.src; dataset:isset,a,type;', "unknown-argument 'type'"],
    ['ip.src; dataset:isset,a,file b;', "unknown-argument 'file b'"],
    ['ip.src; dataset:isset,a,load b,load c;', "duplicate-argument 'load c'"],
    ['ip.src; dataset:isset,a,load b,state c;', "conflicting-arguments 'state c'"],
    ['ip.src; dataset:isset,a,memcap many;', "bad-number 'many'"],
    ['ip.src; dataset:isset,a,memcap 0;', "bad-number '0'"],
    ['ip.src; dataset:isset,a,load b,format xml;', "unsupported-data-format 'format xml'"],
    ['ip.src; dataset:isset,a,load b,format;', "unsupported-data-format 'format'"],
    ['ip.src; dataset:isset,a,load b,format ndjson;', "missing-argument 'format ndjson'"],
    ['ip.src; dataset:isset,a,format json,value_key ip;', "missing-argument 'format json'"],
    ['ip.src; dataset:isset,a,load b,remove_key;', "conflicting-arguments 'remove_key'"],
    ['ip.src; dataset:isset,a,load b,value_key ip;', "conflicting-arguments 'value_key ip'"],
    ['ip.src; dataset:isset,a,load b,save c,format json,value_key ip;', "conflicting-arguments 'save c'"],
    ['ip.src; dataset:isset,a,state c,format json,value_key ip;', "conflicting-arguments 'state c'"],
    ['ip.src; dataset:isset,a,load b,format ndjson,value_key ip,array_key c;', "conflicting-arguments 'array_key c'"],
    ['ip.src; dataset:isset,a,load b,format json,value_key ip,value_key c;', "duplicate-argument 'value_key c'"],
    ['ip.src; dataset:isset,a,load b,format json,value_key ip,context_key a.b;', "bad-name 'a.b'"],
    ['ip.src; datarep:a,>,1,load b,format json,value_key ip;', "conflicting-arguments 'format json'"],
  ])('refuses %s', (options, finding) => expect(compile(options).findings).toEqual([finding]));

  it('says what is wrong with its set at the argument that it is about', () => {
    const problem: DataProblem = {
      code: 'unreadable-file',
      message: 'cannot read it',
      hint: 'did you mean b.lst?',
      argument: 'load',
    };
    const { findings, hints, program } = compile('ip.src; dataset:isset,a,type ip, load  b.lst;', problem);
    expect([findings, hints, program]).toEqual([["unreadable-file 'load  b.lst'"], ['did you mean b.lst?'], undefined]);
    expect(compile('ip.src; dataset:isset,a,type ip;', { code: 'unknown-dataset', message: 'no' }).findings).toEqual([
      "unknown-dataset 'isset,a,type ip'",
    ]);
  });

  it('is an error where no files can be had', () =>
    expect(compile('ip.src; dataset:isset,a,type ip;', undefined, false).findings).toEqual([
      "unreadable-file 'isset,a,type ip'",
    ]));
});

describe('datarep', () => {
  it('compares the number in the set', () => {
    const { program, requests } = compile('ip.dst; datarep:scores, >, 200, load a.rep, type ip;');
    expect(requests).toMatchObject([{ name: 'scores', type: 'ip', load: 'a.rep' }]);
    expect(program?.buffers).toMatchObject([
      { buffer: 'ip.dst', matches: [{ kind: 'datarep', operator: '>', value: 200 }] },
    ]);
    expect(compile('ip.dst; datarep:scores,=,5;').program?.buffers[0]?.matches).toMatchObject([
      { operator: '==', value: 5 },
    ]);
  });

  it.each([
    ['datarep:a,>,5;', "no-sticky-buffer 'datarep'"],
    ['ip.src; datarep:a,>;', "missing-argument 'a,>'"],
    ['ip.src; datarep:a,>=,5;', "bad-argument '>='"],
    ['ip.src; datarep:a,>,65536;', "number-out-of-range '65536'"],
    ['ip.src; datarep:a,>,many;', "bad-number 'many'"],
    ['ip.src; datarep:a,>,5,save b;', "conflicting-arguments 'a,>,5,save b'"],
  ])('refuses %s', (options, finding) => expect(compile(options).findings).toEqual([finding]));
});

describe('geoip', () => {
  it.each<[string, unknown, string]>([
    ['geoip:US;', { codes: ['US'], negated: false }, 'any'],
    ['geoip:src,us, CA;', { codes: ['US', 'CA'], negated: false }, 'src'],
    ['geoip:both,!DE,AT;', { codes: ['DE', 'AT'], negated: true }, 'both'],
    ['geoip:any,DE,DE;', { codes: ['DE'], negated: false }, 'any'],
  ])('%s', (options, request, side) => {
    const { program, requests, findings } = compile(options);
    expect([findings, requests]).toEqual([[], [request]]);
    expect(program?.flowTests).toEqual([{ kind: 'address', side, addresses: SET, perFlow: false }]);
  });

  it.each([
    ['geoip:src;', "missing-argument 'src'"],
    ['geoip:Germany;', "bad-argument 'Germany'"],
    ['geoip:source,DE;', "bad-argument 'source'"],
    ['geoip:DE,,US;', "bad-argument ''"],
  ])('refuses %s', (options, finding) => {
    expect(compile(options).findings).toEqual([finding]);
  });

  it('warns of a country that the database does not have', () => {
    const { program, findings, hints } = compile('geoip:dst,UK;');
    expect([findings, hints, program?.flowTests.length]).toEqual([["unknown-country 'dst,UK'"], ['write GB'], 1]);
  });

  it('without a database is an error', () => {
    expect(compile('geoip:DE;', { code: 'missing-setting', message: 'geoip.database is empty' }).findings).toEqual([
      "missing-setting 'DE'",
    ]);
    expect(compile('geoip:DE;', undefined, false).findings).toEqual(["missing-setting 'DE'"]);
  });
});

describe('iprep', () => {
  it.each<[string, Ranges]>([
    ['<,5', [[0, 4]]],
    ['<=,5', [[0, 5]]],
    ['>,5', [[6, 127]]],
    ['>=,5', [[5, 127]]],
    ['=,5', [[5, 5]]],
    ['==,5', [[5, 5]]],
    [
      '!=,5',
      [
        [0, 4],
        [6, 127],
      ],
    ],
    ['!=,0', [[1, 127]]],
    ['isset', [[0, 127]]],
  ])('%s asks for the scores that pass', (asked, scores) => {
    const { program, requests, findings } = compile(`iprep:dst,CnC,${asked};`);
    expect([findings, requests]).toEqual([[], [{ category: 'CnC', scores }]]);
    expect(program?.flowTests).toEqual([{ kind: 'address', side: 'dst', addresses: SET, perFlow: true }]);
  });

  it('isnotset is every address without a score', () => {
    expect(compile('iprep:any,CnC,isnotset;').program?.flowTests).toEqual([
      {
        kind: 'address',
        side: 'any',
        addresses: {
          ipv4: [
            [0, 0],
            [3, 0xffffffff],
          ],
          ipv6: [[0n, (1n << 128n) - 1n]],
        },
        perFlow: true,
      },
    ]);
  });

  it.each([
    ['iprep:dst,CnC;', "missing-argument 'dst,CnC'"],
    ['iprep:to,CnC,>,5;', "bad-argument 'to'"],
    ['iprep:dst,C&C,>,5;', "bad-name 'C&C'"],
    ['iprep:dst,CnC,about,5;', "bad-argument 'about'"],
    ['iprep:dst,CnC,>;', "bad-argument '>'"],
    ['iprep:dst,CnC,>,128;', "number-out-of-range '128'"],
    ['iprep:dst,CnC,>,5,6;', "unknown-argument '6'"],
    ['iprep:dst,CnC,isset,5;', "unknown-argument '5'"],
    ['iprep:dst,CnC,>,127;', "never-matches 'dst,CnC,>,127'"],
    ['iprep:dst,CnC,<,0;', "never-matches 'dst,CnC,<,0'"],
  ])('refuses %s', (options, finding) => expect(compile(options).findings).toEqual([finding]));
});
