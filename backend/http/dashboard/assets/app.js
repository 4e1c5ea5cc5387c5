import { drawBars } from './chart.js';

/** Between two looks at usage and health, ms. */
const REFRESH = 5_000;
const TOKEN = 'tallygate-admin-token';

const find = (id) => document.getElementById(id);
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const catalog = new Map();
/** Number of the newest question: an answer to an older one is not shown. */
let asked = 0;

class Refused extends Error {}

async function get(path) {
  const token = sessionStorage.getItem(TOKEN);
  const answer = await fetch(path, { headers: token === null ? {} : { authorization: `Bearer ${token}` } });
  if (answer.status === 401) throw new Refused();
  const body = await answer.json();
  if (!answer.ok && body.error !== undefined) throw new Error(body.error.message);
  return body;
}

async function start() {
  try {
    const { services } = await get('/stats/services.json');
    for (const service of services) catalog.set(service.id, service);
    fill(find('service'), [...catalog.keys()]);
    find('login').hidden = true;
    find('main').hidden = false;
    await chooseService();
  } catch (error) {
    askForToken(error);
  }
}

function askForToken(error) {
  const known = sessionStorage.getItem(TOKEN) !== null;
  sessionStorage.removeItem(TOKEN);
  find('main').hidden = true;
  find('login').hidden = false;
  const refused = known ? 'This token is not accepted.' : '';
  find('login-problem').textContent = error instanceof Refused ? refused : error.message;
}

async function chooseService() {
  const service = find('service').value;
  fill(find('metric'), catalog.get(service)?.metrics ?? []);
  fill(find('application'), [], 'all');
  if (service === '') {
    find('problem').textContent = 'No service is set up yet.';
    return;
  }
  const { applications } = await get(`/stats/services/${encodeURIComponent(service)}/applications.json`);
  fill(find('application'), applications, 'all');
  await show();
}

async function show() {
  asked += 1;
  const question = asked;
  const service = encodeURIComponent(find('service').value);
  const application = find('application').value;
  const scope = application === '' ? '' : `/applications/${encodeURIComponent(application)}`;
  const metric = encodeURIComponent(find('metric').value);
  const period = find('period').value;
  const query = `metric_name=${metric}&period=${period}`;
  try {
    const [usage, top] = await Promise.all([
      get(`/stats/services/${service}${scope}/usage.json?${query}&timezone=${encodeURIComponent(zone)}`),
      get(`/stats/services/${service}/top_applications.json?${query}`),
    ]);
    if (question !== asked) return;
    find('problem').textContent = '';
    showUsage(usage);
    rows(
      'top',
      top.applications.map(({ id, plan, value }) => [id, plan.name ?? '', value.toLocaleString('en')]),
    );
  } catch (error) {
    if (error instanceof Refused) askForToken(error);
    else if (question === asked) find('problem').textContent = error.message;
  }
}

function showUsage({ period, total, values, previous_total: before, change }) {
  const labels = labelsOf(period, values.length);
  const difference = `${change >= 0 ? '+' : ''}${change.toLocaleString('en')} %`;
  find('total').textContent =
    `${total.toLocaleString('en')} in all; ${before.toLocaleString('en')} before (${difference})`;
  drawBars(
    find('chart'),
    values.map((value, index) => ({ value, label: labels[index] })),
  );
  rows(
    'values',
    values.map((value, index) => [labels[index], value.toLocaleString('en')]),
  );
}

/** Evenly between the first and the last moment: near enough to name a bar, also where the clock changes. */
function labelsOf(period, count) {
  const first = Date.parse(period.since);
  const length = (Date.parse(period.until) + 1000 - first) / count;
  const format = {
    hour: { hour: '2-digit', minute: '2-digit' },
    day: { month: 'short', day: 'numeric' },
    month: { year: 'numeric', month: 'short' },
  };
  const name = new Intl.DateTimeFormat('en', {
    ...format[period.granularity],
    hour12: false,
    timeZone: period.timezone,
  });
  return Array.from({ length: count }, (_, index) => name.format(first + (index + 0.01) * length));
}

async function showHealth() {
  try {
    const { status, checks } = await (await fetch('/health/ready')).json();
    const line = find('health');
    line.textContent = status;
    line.className = status === 'ready' ? 'good' : 'bad';
    rows(
      'checks',
      Object.entries(checks).map(([name, { status: state, ...detail }]) => [name, state, describe(detail)]),
    );
  } catch {
    find('health').textContent = 'the backend does not answer';
    find('health').className = 'bad';
  }
}

function describe(detail) {
  return Object.entries(detail)
    .map(([name, value]) => (name === 'problem' ? value : `${name}: ${value}`))
    .join(', ');
}

function fill(select, values, all) {
  const chosen = select.value;
  const options = values.map((value) => new Option(value, value));
  select.replaceChildren(...(all === undefined ? [] : [new Option(all, '')]), ...options);
  if (values.includes(chosen)) select.value = chosen;
}

function rows(table, lines) {
  const body = find(table).tBodies[0];
  body.replaceChildren(
    ...lines.map((cells) => {
      const row = document.createElement('tr');
      for (const cell of cells) row.insertCell().textContent = cell;
      return row;
    }),
  );
}

find('login').addEventListener('submit', (event) => {
  event.preventDefault();
  sessionStorage.setItem(TOKEN, find('token').value);
  find('token').value = '';
  void start();
});
find('service').addEventListener('change', () => void chooseService().catch(askForToken));
for (const id of ['application', 'metric', 'period']) find(id).addEventListener('change', () => void show());
setInterval(() => {
  void showHealth();
  if (!find('main').hidden && find('service').value !== '') void show();
}, REFRESH);
void showHealth();
void start();
