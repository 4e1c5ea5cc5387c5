import type { FastifyReply, FastifyRequest } from 'fastify';
import { whenThere } from '../../configuration/cache.ts';
import type { ConfiguredService } from '../../configuration/lookup.ts';
import { conclude, inquire } from '../../domain/decide.ts';
import type { Call, Inquiry } from '../../domain/decide.ts';
import { contractErrors } from '../../domain/errors.ts';
import type { ContractError } from '../../domain/errors.ts';
import { StoreUnavailable } from '../../store/store.ts';
import type { DecideReply } from '../../store/store.ts';
import { sendDecision, sendEmpty, sendError } from './answer.ts';
import { findService, readClaim } from './authenticate.ts';
import type { ThreescaleDeps } from './deps.ts';
import { recordError } from './error-record.ts';
import { findCaller } from './find-application.ts';
import { isFormMap } from './form/form.ts';
import type { FormMap } from './form/form.ts';
import type { FormParser } from './form/parse.ts';
import { readBody } from './form/read-body.ts';
import { carriesForm, readParameters } from './form/read-request.ts';
import { isOn } from './options.ts';
import type { Options, OptionsReader } from './options.ts';
import { credential, readLogCode, readPresented, readRawUsage } from './parameters.ts';
import type { WindowText } from './xml/window-text.ts';

/** One of the four endpoints. */
export interface Endpoint {
  readonly oauth: boolean;
  /** authrep: what is admitted is counted. */
  readonly count: boolean;
}

export interface AuthorizeParts {
  readonly parseForm: FormParser;
  readonly readOptions: OptionsReader;
  readonly windowText: WindowText;
}

/** A request that was read: everything that does not need a look-up. */
interface Question {
  readonly endpoint: Endpoint;
  readonly options: Options;
  readonly values: FormMap;
  readonly noBody: boolean;
}

type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>;

/** Answers authorize and authrep calls, in the contract's order of checks (section 3). */
export function authorizeHandler(endpoint: Endpoint, deps: ThreescaleDeps, parts: AuthorizeParts): Handler {
  return async (request, reply) => {
    const body = carriesForm(request) ? await readBody(request.raw) : null;
    const options = parts.readOptions(request.headers['3scale-options']);
    const type = request.headers['content-type'] ?? '';
    const form = readParameters(request.raw.url ?? '', body, type, parts.parseForm);
    if (form.invalidEncoding) return sendError(reply, contractErrors.notValidData, false);
    const { values } = form;
    const noBody = options.noBody || isOn(values.get('no_body'));
    const question: Question = { endpoint, options, values, noBody };
    const authenticated = authenticate(question, deps);
    const service = authenticated instanceof Promise ? await authenticated : authenticated;
    if (service === 'usage is no map') return sendEmpty(reply, 403);
    if ('kind' in service) {
      await recordError(deps, null, values, service);
      return sendError(reply, service, noBody);
    }
    return answer(question, service, reply, deps, parts.windowText);
  };
}

/** Steps 2 to 5: who asks, and about which service. */
function authenticate(question: Question, deps: ThreescaleDeps) {
  const { values } = question;
  return whenThere(readClaim(values, deps.lookup), (claim) => {
    if (claim.kind === 'error') return claim;
    if ((values.get('user_id') ?? null) !== null) return contractErrors.endUsersNoLongerSupported;
    const usage = values.get('usage') ?? null;
    if (usage !== null && !isFormMap(usage)) return 'usage is no map' as const;
    return findService(claim, deps.lookup);
  });
}

async function answer(
  question: Question,
  service: ConfiguredService,
  reply: FastifyReply,
  deps: ThreescaleDeps,
  windowText: WindowText,
): Promise<FastifyReply> {
  const outcome = await decide(question, service, deps);
  if ('kind' in outcome) {
    await deps.accounting?.count(service.provider, { authorizations: 1, transactions: 0 });
    await recordError(deps, service.id, question.values, outcome);
    return sendError(reply, outcome, question.noBody);
  }
  const decision = conclude(outcome.inquiry, outcome.reply);
  const { call } = decision;
  if (decision.counted) {
    deps.activity.touched({ service: service.id, application: call.application.id });
  }
  const transactions = call.count && call.usage !== null && decision.denial === null ? 1 : 0;
  await deps.accounting?.count(service.provider, { authorizations: 1, transactions });
  return sendDecision(reply, decision, question.options, windowText);
}

async function decide(
  question: Question,
  service: ConfiguredService,
  deps: ThreescaleDeps,
): Promise<ContractError | { readonly inquiry: Inquiry; readonly reply: DecideReply | null }> {
  const { values, endpoint } = question;
  const credentials = {
    appId: credential(values, 'app_id'),
    userKey: credential(values, 'user_key'),
    oauthEndpoint: endpoint.oauth,
  };
  const found = findCaller(service, credentials, deps.lookup);
  const application = found instanceof Promise ? await found : found;
  if ('kind' in application) return application;
  const usage = values.get('usage');
  const call: Call = {
    application,
    presented: readPresented(values),
    oauthEndpoint: endpoint.oauth,
    usage: isFormMap(usage) ? readRawUsage(usage) : null,
    code: endpoint.count ? readLogCode(values.get('log')) : null,
    count: endpoint.count,
    flatUsage: question.options.flatUsage,
    noBody: question.noBody,
    at: deps.clock.now(),
  };
  const inquiry = inquire(call);
  if ('kind' in inquiry) return inquiry;
  if (inquiry.request === null) return { inquiry, reply: null };
  const reply = await deps.counters.decide(inquiry.request);
  if (reply.frozen && inquiry.denial === null) throw frozen();
  if (reply.overflow) return overflow(call);
  return { inquiry, reply };
}

function frozen(): StoreUnavailable {
  return new StoreUnavailable('frozen', 'grants are frozen after a change of the store');
}

/** A counter that cannot hold the sum: the amount cannot be counted, whatever the limits say. */
function overflow(call: Call): ContractError {
  const [name = '', value = ''] = call.usage?.[0] ?? [];
  return contractErrors.usageValueInvalid(name, value ?? '');
}
