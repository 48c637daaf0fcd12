// squall proxy list|inspect|create|toggle|delete|toxic: toxiproxy-cli's verbs.
#include <sys/utsname.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include "faults/control/api.hpp"
#include "faults/control/proxy_commands.hpp"
#include "loadgen/app/cli.hpp"
#include "loadgen/app/output.hpp"
#include "loadgen/app/proxy_commands.hpp"

namespace squall::app {
namespace {

using faults::ListStyle;
using faults::ToxiproxyClient;
using model::ExitCode;

// What all of them share, and what each takes.
struct ClientCommand {
  std::string url = "http://localhost:8474";
  std::string token = {};
  faults::NewProxy proxy = {};
  faults::ToxicArguments toxic = {};
  bool upstream = false;
  bool downstream = false;
};
using CommandPointer = std::shared_ptr<ClientCommand>;
using Act = std::function<Result<std::string>(const ToxiproxyClient&, const ClientCommand&)>;

ListStyle list_style() {
  if (::isatty(STDOUT_FILENO) == 0) {
    return ListStyle::kTabs;
  }
  const char* const no_color =
      std::getenv("NO_COLOR");  // NOLINT(concurrency-mt-unsafe): one thread
  return no_color == nullptr || *no_color == '\0' ? ListStyle::kColored : ListStyle::kTable;
}

std::string user_agent() {
  utsname host{};
  ::uname(&host);
  return fmt::format("toxiproxy-cli/{} (linux/{})", faults::kToxiproxyVersion, host.machine);
}

ExitCode act(const ClientCommand& command, const Act& what) {
  const ToxiproxyClient client(
      {.url = command.url, .token = command.token, .user_agent = user_agent()});
  const auto done = what(client, command);
  if (!done) {
    say("{}\n", done.error().message);
    return ExitCode::kCheckFailed;
  }
  put(*done);
  return ExitCode::kPass;
}

struct Verb {
  CLI::App* app;
  CommandPointer command;  // of its own: CLI11 reads the environment for every verb there is
};

Verb add_verb(CLI::App& parent, Cli& cli, const char* name, const char* help, Act what) {
  const auto command = std::make_shared<ClientCommand>();
  CLI::App* verb = parent.add_subcommand(name, help);
  verb->add_option("--host", command->url, "The control API")
      ->envname("TOXIPROXY_URL")
      ->capture_default_str()
      ->type_name("URL");
  verb->add_option("--token", command->token, "What the control API asks for")
      ->envname("SQUALL_PROXY_TOKEN")
      ->type_name("TOKEN");
  verb->callback([command, &cli, what = std::move(what)] {
    cli.action = [command, what] { return act(*command, what); };
  });
  return {verb, command};
}

void add_name(const Verb& verb) {
  verb.app->add_option("NAME", verb.command->proxy.name, "Name of the proxy")->required();
}

void add_create(CLI::App& proxy, Cli& cli) {
  const Verb create =
      add_verb(proxy, cli, "create", "Create a proxy", [](const auto& client, const auto& with) {
        return faults::create_proxy(client, with.proxy);
      });
  create.app->alias("c")->alias("new");
  create.app->add_option("-l,--listen", create.command->proxy.listen, "Where it listens")
      ->type_name("ADDRESS")
      ->required();
  create.app->add_option("-u,--upstream", create.command->proxy.upstream, "Where it leads")
      ->type_name("ADDRESS")
      ->required();
  create.app->add_flag("--half-close", create.command->proxy.half_close,
                       "Pass a FIN on and leave the other direction open (squall's proxies only)");
  add_name(create);
}

void add_proxy_verbs(CLI::App& proxy, Cli& cli) {
  const Verb list = add_verb(
      proxy, cli, "list", "List all proxies",
      [](const auto& client, const auto&) { return faults::list_proxies(client, list_style()); });
  list.app->alias("l")->alias("li")->alias("ls");
  const Verb inspect =
      add_verb(proxy, cli, "inspect", "List the toxics of a proxy",
               [](const auto& client, const auto& with) {
                 return faults::inspect_proxy(client, with.proxy.name, list_style());
               });
  inspect.app->alias("i")->alias("ins");
  add_name(inspect);
  add_create(proxy, cli);
  const Verb toggle =
      add_verb(proxy, cli, "toggle", "Enable a proxy that is disabled, and the other way round",
               [](const auto& client, const auto& with) {
                 return faults::toggle_proxy(client, with.proxy.name);
               });
  toggle.app->alias("tog");
  add_name(toggle);
  const Verb remove =
      add_verb(proxy, cli, "delete", "Delete a proxy", [](const auto& client, const auto& with) {
        return faults::delete_proxy(client, with.proxy.name);
      });
  remove.app->alias("d");
  add_name(remove);
}

CLI::Option* add_toxic_name(const Verb& verb) {
  return verb.app->add_option("-n,--toxicName", verb.command->toxic.name, "Name of the toxic")
      ->type_name("NAME");
}

void add_toxic_values(const Verb& verb) {
  verb.app
      ->add_option("--toxicity,--tox", verb.command->toxic.toxicity,
                   "Share of the connections that it is at work on, 0 to 1")
      ->type_name("NUMBER");
  verb.app
      ->add_option("-a,--attribute", verb.command->toxic.attributes,
                   "What it does: key=value; several times, or separated by commas")
      ->type_name("KEY=VALUE")
      ->delimiter(',')
      ->allow_extra_args(false);
  verb.app
      ->add_option("--ttl", verb.command->toxic.ttl,
                   "It removes itself so long afterwards (squall's proxies only)")
      ->type_name("TIME");
}

Result<std::string> add_toxic(const ToxiproxyClient& client, const ClientCommand& command) {
  faults::ToxicArguments toxic = command.toxic;
  toxic.proxy = command.proxy.name;
  toxic.stream = command.upstream ? "upstream" : "downstream";
  if (toxic.toxicity.empty()) {
    toxic.toxicity = "1";
  }
  return faults::add_toxic(client, toxic);
}

Result<std::string> update_toxic(const ToxiproxyClient& client, const ClientCommand& command) {
  faults::ToxicArguments toxic = command.toxic;
  toxic.proxy = command.proxy.name;
  return faults::update_toxic(client, toxic);
}

void add_toxic_verbs(CLI::App& proxy, Cli& cli) {
  CLI::App* toxic = proxy.add_subcommand("toxic", "Add, update or remove a toxic of a proxy");
  toxic->alias("t");
  toxic->require_subcommand(1);
  const Verb add = add_verb(*toxic, cli, "add", "Add a toxic", add_toxic);
  add.app->alias("a");
  add.app->add_option("-t,--type", add.command->toxic.type, "What kind (`squall list toxics`)")
      ->type_name("TYPE")
      ->required();
  add_toxic_name(add);
  add_toxic_values(add);
  CLI::Option* up =
      add.app->add_flag("-u,--upstream", add.command->upstream, "On what the client sends");
  add.app
      ->add_flag("-d,--downstream", add.command->downstream,
                 "On what the server sends; this is the default")
      ->excludes(up);
  add_name(add);
  const Verb update =
      add_verb(*toxic, cli, "update", "Change attributes or toxicity of a toxic", update_toxic);
  update.app->alias("u");
  add_toxic_name(update)->required();
  add_toxic_values(update);
  add_name(update);
  const Verb remove =
      add_verb(*toxic, cli, "remove", "Remove a toxic", [](const auto& client, const auto& with) {
        return faults::remove_toxic(client, with.proxy.name, with.toxic.name);
      });
  remove.app->alias("r")->alias("delete")->alias("d");
  add_toxic_name(remove)->required();
  add_name(remove);
}

}  // namespace

void add_proxy_clients(CLI::App& proxy, Cli& cli) {
  add_proxy_verbs(proxy, cli);
  add_toxic_verbs(proxy, cli);
}

}  // namespace squall::app
