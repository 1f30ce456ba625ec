/**
 * The INS DataMatrix that prescriptions and reports bear: IS01, 22 zeros, then tagged fields in any order (ANS,
 * "Datamatrix INS"). Either all of it is understood, or a sentence says what is wrong: a name is never guessed.
 */

const GS = '\x1d';
const HEADER = /^IS(\d\d)0{22}/;
/** tag → [trait, longest, whether it always has that length, what it may hold] */
const FIELDS = {
  S1: ['ins', 15, true, /^\d{5}(\d{2}|2[AB])\d{8}$/],
  S2: ['ins_oid', 20, false, /^[0-9.]+$/],
  S3: ['given_names', 100, false, /^[\p{L}' -]+$/u],
  S4: ['birth_name', 100, false, /^[\p{L}' -]+$/u],
  S5: ['sex', 1, true, /^[FMI]$/],
  S6: ['birth_date', 10, true, /^\d{2}-\d{2}-\d{4}$/],
  S7: ['birthplace_insee', 5, true, /^(\d{5}|2[AB]\d{3})$/],
};
const OPTIONAL = new Set(['S7']);
const REAL_OIDS = ['1.2.250.1.213.1.4.8', '1.2.250.1.213.1.4.9'];
const TEST_OIDS = ['1.2.250.1.213.1.4.10', '1.2.250.1.213.1.4.11'];
const WORDS = { S1: 'le matricule', S2: 'l’origine du matricule', S3: 'les prénoms', S4: 'le nom', S5: 'le sexe', S6: 'la date de naissance', S7: 'le lieu de naissance' };
const BY_HAND = 'Saisissez l’identité à la main.';

export const FAULTS = {
  linear: 'C’est un code-barres. Cherchez le carré de points, près de l’identité.',
  qr: 'Ce n’est pas le code INS. Cherchez le carré de points, près de l’identité.',
  document: 'Ce carré scelle un document, il ne donne pas l’identité INS. Cherchez-en un autre.',
  other: 'Ce carré de points n’est pas un code INS (médicament, courrier…).',
  version: `Ce code INS est d’une version que DermAvis ne connaît pas. ${BY_HAND}`,
  glued: `Un séparateur manque dans ce code\u00a0: nom et prénoms seraient mêlés. ${BY_HAND}`,
  key: `Le matricule de ce code ne correspond pas à sa clé. ${BY_HAND}`,
  oid: `L’origine du matricule n’est pas reconnue. ${BY_HAND}`,
  date: `La date de naissance de ce code n’existe pas. ${BY_HAND}`,
};

/** Said in the place of an identity; `code` for programs. */
export class ScanFault extends Error {
  constructor(code, words = FAULTS[code]) {
    super(words);
    this.code = code;
  }
}

/** What was read, as {format, text} → {traits, test}. Throws ScanFault. */
export function identityOf({ format, text }, today = new Date()) {
  if (/^(Code|EAN|UPC|ITF|Codabar|DataBar|DXFilm)/i.test(format)) throw new ScanFault('linear');
  if (format !== 'DataMatrix') throw new ScanFault('qr');
  if (/^DC\d\d/.test(text)) throw new ScanFault('document');
  const [head, version] = HEADER.exec(text) ?? [];
  if (!head) throw new ScanFault(/^IS\d\d/.test(text) ? 'version' : 'other');
  if (version !== '01') throw new ScanFault('version');
  return read(tokens(text.slice(head.length)), today);
}

/** [[tag, value]], in the order of the code. */
function tokens(body) {
  const found = [];
  let at = 0;
  while (at < body.length) {
    const tag = body.slice(at, at + 2);
    if (!(tag in FIELDS)) throw new ScanFault('glued');
    const [, longest, fixed] = FIELDS[tag];
    const start = at + 2;
    const end = fixed ? start + longest : endOf(body, start, longest);
    const value = body.slice(start, end);
    if (fixed && value.length < longest) throw new ScanFault('short', `Ce code est coupé\u00a0: ${WORDS[tag]} n’y est pas en entier. Scannez-le de nouveau.`);
    found.push([tag, value]);
    // After a field of its full length some printers write the separator, some do not.
    at = body[end] === GS ? end + 1 : end;
  }
  return found;
}

function endOf(body, start, longest) {
  const separator = body.indexOf(GS, start);
  return Math.min(separator < 0 ? body.length : separator, start + longest);
}

function read(found, today) {
  const values = {};
  for (const [tag, value] of found) {
    if (tag in values) throw new ScanFault('twice', `Ce code donne deux fois ${WORDS[tag]}. ${BY_HAND}`);
    values[tag] = value.trim();
  }
  for (const tag of Object.keys(FIELDS)) {
    if (!values[tag]) {
      if (OPTIONAL.has(tag)) continue;
      throw new ScanFault('lacks', `Ce code est incomplet\u00a0: il y manque ${WORDS[tag]}. Scannez-le de nouveau, ou saisissez l’identité à la main.`);
    }
    // What was glued to a name or to the origin holds the next tag, and no name has a digit.
    if (!FIELDS[tag][3].test(values[tag])) throw ['S2', 'S3', 'S4'].includes(tag) ? new ScanFault('glued') : new ScanFault('unreadable', `Dans ce code, ${WORDS[tag]} est illisible. ${BY_HAND}`);
  }
  if (!keyHolds(values.S1)) throw new ScanFault('key');
  if (![...REAL_OIDS, ...TEST_OIDS].includes(values.S2)) throw new ScanFault('oid');
  return {
    test: TEST_OIDS.includes(values.S2),
    traits: {
      ins: values.S1, ins_oid: values.S2, given_names: values.S3, first_name: values.S3.split(' ')[0], birth_name: values.S4,
      sex: values.S5 === 'I' ? 'U' : values.S5, birth_date: isoOf(values.S6, today), birthplace_insee: values.S7 ?? '',
    },
  };
}

/** 97 less the remainder of the thirteen digits; Corsica's 2A and 2B count as 19 and 18. Sex and month are a code's own. */
export function keyHolds(number) {
  if (!/^[1-478]/.test(number) || !/^(0[1-9]|1[0-2]|20|3\d|4[0-2]|[5-9]\d)$/.test(number.slice(3, 5))) return false;
  const digits = number.slice(0, 13).replace('2A', '19').replace('2B', '18');
  return 97n - (BigInt(digits) % 97n) === BigInt(number.slice(13));
}

function isoOf(words, today) {
  const [day, month, year] = words.split('-').map(Number);
  const date = new Date(Date.UTC(year, month - 1, day));
  const exists = date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  if (!exists || date > today || year < 1880) throw new ScanFault('date');
  return words.split('-').reverse().join('-');
}

/** '279035121518989' → '2 79 03 51 215 189 89' */
export const insWords = number => number.replace(/^(.)(..)(..)(..)(...)(...)(..)$/, '$1 $2 $3 $4 $5 $6 $7').replaceAll(' ', '\u00a0');
