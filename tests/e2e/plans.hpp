// Plans that end-to-end tests run.
#pragma once

#include <string>

namespace squall::test {

// One GET step against `url`; `more` is appended as it is.
inline std::string simple_plan(const std::string& url, const std::string& more = "",
                               const std::string& duration = "1s") {
  return "format = 1\nname = \"simple\"\npreflight = false\nseed = 1\n"
         "[[target]]\nname = \"t\"\nurls = [\"" +
         url +
         "\"]\ntimeout = \"500ms\"\n"
         "[load]\nduration = \"" +
         duration +
         "\"\ndrain = \"2s\"\nconnections = 8\n"
         "[limits]\nlag_p99 = \"2s\"\nstarted = \"1%\"\n"
         "[[scenario]]\nname = \"s\"\narrivals = { process = \"constant\", rate = \"50/s\" }\n"
         "  [[scenario.step]]\n  name = \"get\"\n  request = \"GET /\"\n" +
         more;
}

// The shop and its provider as services, one effect step, an http oracle; `shop_options` go to the
// shop's command line.
inline std::string shop_plan(const std::string& payments, const std::string& more = "") {
  return "format = 1\nname = \"shop\"\nseed = 3\n"
         "[[service]]\nname = \"psp\"\n"
         "command = [\"squall-shop\", \"psp\", \"--port\", \"{{port.psp}}\", \"--answer-time\", "
         "\"20ms\"]\n"
         "ready = \"GET http://127.0.0.1:{{port.psp}}/readyz\"\n"
         "[[service]]\nname = \"shop\"\n"
         "command = [\"squall-shop\", \"shop\", \"--port\", \"{{port.shop}}\", \"--psp\", "
         "\"http://127.0.0.1:{{port.psp}}\", \"--payments\", \"" +
         payments +
         "\"]\n"
         "ready = \"GET http://127.0.0.1:{{port.shop}}/readyz\"\n"
         "[[target]]\nname = \"shop\"\nurls = [\"http://127.0.0.1:{{port.shop}}\"]\ntimeout = "
         "\"5s\"\n"
         "[load]\nduration = \"3s\"\ndrain = \"10s\"\nconnections = 32\n"
         "[limits]\nlag_p99 = \"2s\"\nstarted = \"1%\"\n"
         "[[scenario]]\nname = \"buy\"\narrivals = { process = \"poisson\", rate = \"60/s\" }\n"
         "  [[scenario.step]]\n  name = \"charge\"\n  request = \"POST /payments\"\n"
         "  headers = { Idempotency-Key = \"{{key}}\" }\n"
         "  json = { order = \"{{seq}}\", amount = 1999, token = \"{{key}}\" }\n"
         "  expect = [\"status in 200..299\"]\n"
         "  retry = { on = [\"timeout\", \"reset\", \"closed\", \"cut\", \"5xx\"], attempts = 4, "
         "backoff = \"50ms\" }\n"
         "  effect = \"{{key}}\"\n"
         "[[fault]]\nname = \"twins\"\nkind = \"duplicate\"\non = [\"buy.charge\"]\nshare = "
         "\"20%\"\n"
         "copies = 2\nspacing = \"together\"\n"
         "[[effects.oracle]]\nname = \"ledger\"\nkind = \"http\"\nrequest = \"GET "
         "/ledger?limit=10000\"\n"
         "items = \"/effects\"\nkey = \"/token\"\nnext = \"/next\"\nnext_parameter = \"after\"\n"
         "[effects]\nsettle = \"300ms\"\n"
         "[checks]\nrequire = [\"duplicate_effects == 0\", \"lost_effects == 0\"]\n"
         "findings = [\"double-charge\"]\n" +
         more;
}

}  // namespace squall::test
