import { EXAMPLE } from './example.ts';
import type { DemoUrls } from './start-all.ts';

/** What the demo prints once it works: where everything is, and three calls to try. */
export function introduction(urls: DemoUrls): string {
  const { unlimited, limited } = EXAMPLE;
  return `tallygate demo

  gateway     ${urls.gateway}   in front of the sample app ${urls.app}
  admin       ${urls.admin}   /health/ready, /metrics, /config
  backend     ${urls.backend}   dashboard; /docs shows the API

Try (status 200, then 403, then 429 after ${limited.hitsPerMinute} calls in a minute):

  curl -i '${urls.gateway}/hello?user_key=${unlimited.userKey}'
  curl -i '${urls.gateway}/hello?user_key=unknown'
  for i in $(seq ${limited.hitsPerMinute + 1}); do curl -s -o /dev/null -w '%{http_code}\\n' '${urls.gateway}/hello?user_key=${limited.userKey}'; done

The usage of the last day:

  curl '${urls.backend}/stats/services/${EXAMPLE.service}/usage.json?metric_name=${EXAMPLE.metric.name}&period=day&granularity=hour'

Ctrl-C stops everything and removes what the demo stored.
ready`;
}
