// Requests to some origins go to others, so that a handler which asks AWS is answered by the embedded pool. The place that
// is asked changes, and nothing else: what the handler verifies in the answer, it verifies.
import http from "node:http";
import https from "node:https";
import { syncBuiltinESMExports } from "node:module";
import { urlToHttpOptions } from "node:url";

/**
 * Redirect origins in fetch, http.request, http.get, https.request and https.get.
 *
 * @param {Record<string, string>} origins `https://host` to `http://host:port`
 */
export function installRedirects(origins) {
  if (Object.keys(origins).length === 0) {
    return;
  }
  const moved = (url) => {
    const to = origins[url.origin];
    return to && new URL(url.pathname + url.search, to);
  };

  const { fetch } = globalThis;
  globalThis.fetch = (asked, options) => {
    const to = moved(new URL(asked instanceof Request ? asked.url : asked));
    if (!to) {
      return fetch(asked, options);
    }
    return asked instanceof Request ? fetch(new Request(to, asked), options) : fetch(to, options);
  };

  const clients = { "http:": { ...http }, "https:": { ...https } };
  for (const [protocol, client] of [["http:", http], ["https:", https]]) {
    for (const method of ["request", "get"]) {
      client[method] = (...given) => {
        const { url, options, callback } = understood(protocol, given);
        const to = moved(url);
        if (!to) {
          return clients[protocol][method](...given);
        }
        const { agent, host, hostname, port, path, href, ...rest } = options;
        return clients[to.protocol][method]({ ...rest, ...urlToHttpOptions(to) }, callback);
      };
    }
  }
  syncBuiltinESMExports();
}

/** The three ways in which a request can be written: (url, callback), (url, options, callback), (options, callback). */
function understood(protocol, given) {
  const callback = given.find((each) => typeof each === "function");
  const hasUrl = typeof given[0] === "string" || given[0] instanceof URL;
  const options = { ...(given[hasUrl ? 1 : 0] instanceof Function ? {} : given[hasUrl ? 1 : 0]) };
  if (hasUrl) {
    return { url: new URL(given[0]), options, callback };
  }
  const host = options.hostname ?? options.host ?? "localhost";
  const port = options.port ? `:${options.port}` : "";
  return { url: new URL(`${options.protocol ?? protocol}//${host}${port}${options.path ?? "/"}`), options, callback };
}
