/** The specialty's rules, read from the same file as the server reads: what to show, what to ask, what to photograph. */

const EVERY = '*';
let file = null;

export const useSpecialty = specialty => { file = specialty; };
export const specialty = () => file;

export const named = (list, id) => (list ?? []).find(item => item.id === id);
export const motive = id => named(file.motives, id);
export const view = id => named(file.views, id);
export const site = id => named(file.body_sites, id);
export const question = id => named(file.questions, id);
export const redFlag = id => named(file.red_flags, id);
export const tier = id => named(file.tiers, id);
export const skipReason = id => named(file.skip_reasons, id);

/** Views to take of this lesion: the motive's, then each rule that holds drops what it replaces and adds its own. */
function required(content, lesion) {
  let chosen = motive(content.motive)?.required_views ?? [];
  for (const rule of rulesFor(content, lesion)) {
    chosen = chosen.filter(id => !(rule.replaces ?? []).includes(id));
    chosen = [...chosen, ...(rule.require ?? []).filter(id => !chosen.includes(id))];
  }
  return ordered(chosen);
}

/** Required views of a lesion; those that are taken once for the whole request stand with the first lesion. */
export const requiredViews = (content, lesion) => required(content, lesion).filter(id => belongs(content, lesion, id));

/** Views worth adding, the required ones left out. */
export function optionalViews(content, lesion) {
  let offered = motive(content.motive)?.optional_views ?? [];
  if (offered.includes(EVERY)) offered = file.views.map(item => item.id);
  for (const rule of rulesFor(content, lesion)) {
    offered = [...offered.filter(id => !(rule.replaces ?? []).includes(id)), ...(rule.offer ?? [])];
  }
  const taken = required(content, lesion);
  return ordered(offered).filter(id => !taken.includes(id) && belongs(content, lesion, id));
}

/** Every view to show for this lesion: required, worth adding, and whatever was already taken. */
export function shownViews(content, lesion) {
  const asked = [...requiredViews(content, lesion), ...optionalViews(content, lesion)];
  const taken = content.photos.filter(entry => view(entry.view) && (entry.lesion ?? null) === lesionOf(lesion, entry.view) && belongs(content, lesion, entry.view)).map(entry => entry.view);
  return [...new Set([...asked, ...taken])];
}

const belongs = (content, lesion, id) => view(id).per_lesion !== false || !lesion || content.lesions[0] === lesion;

/** The lesion that a picture of this view is noted under; null for a view of the whole request. */
export const lesionOf = (lesion, id) => (view(id)?.per_lesion === false ? null : lesion?.id ?? null);

function rulesFor(content, lesion) {
  const facts = { site_group: site(lesion?.site)?.group, pigmented: Boolean(lesion?.pigmented), raised: isRaised(lesion),
    dermatoscope: Boolean(file.site_has_dermatoscope) };
  return (file.view_rules ?? []).filter(({ when }) =>
    Object.keys(facts).every(name => when[name] === undefined || when[name] === null || when[name] === facts[name])
    && (!when.motives?.length || when.motives.includes(content.motive)));
}

const isRaised = lesion => Boolean(named(file.palpations, lesion?.palpation)?.raised
  || (lesion?.elementary ?? []).some(id => named(file.elementary_lesions, id)?.raised));

const ordered = ids => [...new Set(ids)].filter(view).sort((one, other) => view(one).priority - view(other).priority);

/** The questions asked of this patient for this motive, in the file's order; of a further lesion only those of each lesion. */
const asked = (content, lesion) => (file.questions ?? []).filter(item => (!lesion || item.per_lesion) &&
  (item.motives.includes(EVERY) || item.motives.includes(content.motive)) && isShown(item, content, (lesion ?? content).history));

function isShown(item, content, history) {
  const sex = content.patient?.sex;
  if (item.sex && ['F', 'M'].includes(sex) && item.sex !== sex) return false;
  if (!item.follow) return true;
  const answer = history?.[item.follow.question];
  if (answer?.status !== 'answered') return false;
  return item.follow.values.includes(EVERY) || [answer.value].flat().some(given => item.follow.values.includes(given));
}

const isFolded = (item, content) => Boolean(item.folded) && !(item.unfolded_for ?? []).includes(content.motive);

/** The screens of the history: questions that stand together; the folded ones share the last. */
export const historyScreens = content => (file.screens ?? []).filter(screen =>
  asked(content).some(item => item.screen === screen.id && !isFolded(item, content)));

export const questionsOn = (content, screen, lesion) => asked(content, lesion).filter(item => item.screen === screen && !isFolded(item, content));

export const foldedQuestions = content => asked(content).filter(item => isFolded(item, content));
