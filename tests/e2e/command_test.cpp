// The commands beside `run`: report, replay, validate, list, schema, completion.
#include <gtest/gtest.h>

#include <filesystem>

#include <nlohmann/json.hpp>

#include "loadgen/model/run_record.hpp"
#include "tests/e2e/plans.hpp"
#include "tests/e2e/squall_process.hpp"
#include "tests/support/hostile_server.hpp"

namespace squall::test {
namespace {

ProcessResult program(const TestDirectory& directory, std::vector<std::string> command) {
  return Process({.command = std::move(command), .directory = directory.path()}).wait();
}

TEST(Command, ReplayShowsADoubleChargeAgain) {
  const TestDirectory directory;
  const std::string run = directory / "run";
  ASSERT_EQ(
      squall(directory, {"run", directory.write("plan.toml", shop_plan("racy")), "--out", run})
          .exit_code,
      5);
  const auto record = model::record_from_json(read_file(run + "/record.json"));
  ASSERT_TRUE(record.has_value());
  ASSERT_FALSE(record->effects.cases.empty());
  const model::EffectCase& first = record->effects.cases.front();
  EXPECT_FALSE(first.timeline.empty());
  EXPECT_NE(first.curl.find("curl"), std::string::npos);
  const ProcessResult replay =
      squall(directory, {"replay", run, "--key", first.operation.key, "--times", "3"});
  EXPECT_EQ(replay.exit_code, 5) << replay.output << replay.errors;
  EXPECT_NE(replay.output.find("3 of 3"), std::string::npos) << replay.output;
}

TEST(Command, ValidateMissesAProgramThatIsNotThere) {
  const TestDirectory directory;
  std::string text = shop_plan("atomic");
  text.replace(text.find("squall-shop"), 11, "squall-shed");
  const ProcessResult result = squall(directory, {"validate", directory.write("plan.toml", text)});
  EXPECT_EQ(result.exit_code, 2) << result.output;
  EXPECT_NE(result.errors.find("service psp: no program squall-shed"), std::string::npos)
      << result.errors;
  EXPECT_NE(result.errors.find("plan.toml:"), std::string::npos) << result.errors;
}

TEST(Command, ValidateMissesTheProgramsOfCommandsBesideTheServices) {
  const TestDirectory directory;
  const std::string text = simple_plan("http://127.0.0.1:1") +
                           "[[service]]\nname = \"db\"\ncommand = [\"true\"]\n"
                           "ready_command = [\"no-such-ready\"]\n"
                           "[[service.prepare]]\ncommand = [\"no-such-prepare\"]\n"
                           "[[action]]\nname = \"flush\"\nkind = \"exec\"\nat = \"0s\"\n"
                           "command = [\"no-such-exec\"]\nundo = [\"no-such-undo\"]\n";
  const ProcessResult result = squall(directory, {"validate", directory.write("plan.toml", text)});
  EXPECT_EQ(result.exit_code, 2) << result.output;
  for (const char* line :
       {"service db: ready_command: no program no-such-ready",
        "service db: prepare: no program no-such-prepare", "action flush: no program no-such-exec",
        "action flush: undo: no program no-such-undo"}) {
    EXPECT_NE(result.errors.find(line), std::string::npos) << line << "\n" << result.errors;
  }
}

TEST(Command, ReportGivesEveryFormatFromTheRecord) {
  HostileServer server({HostileServer::read_request(), HostileServer::send(ok_answer("hi")),
                        HostileServer::again()});
  const TestDirectory directory;
  const std::string run = directory / "run";
  ASSERT_EQ(squall(directory,
                   {"run", directory.write("plan.toml", simple_plan(server.url(""))), "--out", run})
                .exit_code,
            0);
  for (const char* format :
       {"json", "junit", "markdown", "csv", "hlog", "hgrm", "prometheus", "terminal"}) {
    const ProcessResult result = squall(directory, {"report", run, "--as", format});
    EXPECT_EQ(result.exit_code, 0) << format << result.errors;
    EXPECT_FALSE(result.output.empty()) << format;
  }
  EXPECT_EQ(squall(directory, {"report", run, "--as", "json"}).output,
            read_file(run + "/record.json"));
  EXPECT_EQ(squall(directory, {"report", run, "--as", "junit"}).output,
            read_file(run + "/junit.xml"));
  EXPECT_EQ(squall(directory, {"report", run, "--as", "pdf"}).exit_code, 2);
}

// What cannot be written is told of and has its exit code; what is no file is not replaced by one.
TEST(Command, OutputThatIsLostIsToldOf) {
  const TestDirectory directory;
  const auto shell = [&](const std::string& script) {
    return program(directory, {"/bin/sh", "-c", script, "sh", squall_binary()});
  };
  const ProcessResult full = shell("\"$1\" schema > /dev/full");
  EXPECT_EQ(full.exit_code, 9);
  EXPECT_NE(full.errors.find("cannot write to standard output"), std::string::npos) << full.errors;
  const ProcessResult gone = shell("(\"$1\" schema; echo $? > code) | true; cat code");
  EXPECT_TRUE(gone.output == "9\n" || gone.output == "0\n") << gone.output;
  EXPECT_EQ(gone.errors, "");
}

TEST(Command, ReportIsWrittenThroughLinksAndPipes) {
  HostileServer server({HostileServer::read_request(), HostileServer::send(ok_answer("hi")),
                        HostileServer::again()});
  const TestDirectory directory;
  ASSERT_EQ(squall(directory, {"run", directory.write("plan.toml", simple_plan(server.url(""))),
                               "--out", "run"})
                .exit_code,
            0);
  const std::string record = read_file(directory / "run/record.json");
  const ProcessResult piped =
      program(directory, {"/bin/sh", "-c",
                          "mkfifo pipe; cat pipe > got & \"$1\" report run --as json -o pipe; wait",
                          "sh", squall_binary()});
  EXPECT_EQ(piped.exit_code, 0) << piped.errors;
  EXPECT_EQ(read_file(directory / "got"), record);
  EXPECT_TRUE(std::filesystem::is_fifo(directory / "pipe"));
  const std::string file = directory.write("file", "before");
  std::filesystem::create_symlink(file, directory / "link");
  EXPECT_EQ(squall(directory, {"report", "run", "--as", "json", "-o", "link"}).exit_code, 0);
  EXPECT_EQ(read_file(file), record);
  EXPECT_TRUE(std::filesystem::is_symlink(directory / "link"));
}

TEST(Command, ProgressIsOnStderrAndTheResultOnStdout) {
  HostileServer server({HostileServer::read_request(), HostileServer::send(ok_answer("hi")),
                        HostileServer::again()});
  const TestDirectory directory;
  const ProcessResult result =
      squall(directory, {"run", directory.write("plan.toml", simple_plan(server.url("")))});
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_NE(result.errors.find("squall: simple, seed 1, run id "), std::string::npos)
      << result.errors;
  EXPECT_EQ(result.output.find("squall: simple"), std::string::npos) << result.output;
  EXPECT_NE(result.output.find("Where to look"), std::string::npos) << result.output;
}

TEST(Command, OncePrintsTheWholeExchangeAndMasksSecrets) {
  HostileServer server({HostileServer::read_request(),
                        HostileServer::send(ok_answer("hello s3cr3t")), HostileServer::again()});
  const TestDirectory directory;
  const auto plan = directory.write(
      "plan.toml", simple_plan(server.url(""), "  headers = { X-Token = \"${env:E2E_TOKEN}\" }\n"));
  const ProcessResult result =
      Process({.command = {squall_binary(), "run", plan, "--once", "--debug"},
               .directory = directory.path(),
               .environment = {{"E2E_TOKEN", "s3cr3t"}}})
          .wait();
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_NE(result.output.find("> GET / HTTP/1.1"), std::string::npos) << result.output;
  EXPECT_NE(result.output.find("< HTTP/1.1 200 OK"), std::string::npos) << result.output;
  EXPECT_EQ(result.output.find("s3cr3t"), std::string::npos) << result.output;
  EXPECT_EQ(server.requests(), 1U);
  EXPECT_NE(server.request_texts().front().find("X-Token: s3cr3t"), std::string::npos);
}

// As a run does: from the plan's folder, and what the log of one that does not start has told of
// secrets is masked.
TEST(Command, OnceStartsServicesAsARunDoes) {
  HostileServer server({HostileServer::read_request(), HostileServer::send(ok_answer("hi")),
                        HostileServer::again()});
  const TestDirectory directory;
  std::filesystem::create_directory(directory / "plans");
  ASSERT_TRUE(
      std::filesystem::exists(directory.write("plans/talk.sh", "echo token $TOKEN; exit 4\n")));
  const auto plan = directory.write(
      "plans/plan.toml", simple_plan(server.url(""), "") +
                             "[[service]]\nname = \"talk\"\ncommand = [\"sh\", \"talk.sh\"]\n"
                             "environment = { TOKEN = \"${env:E2E_TOKEN}\" }\n"
                             "ready = \"GET http://127.0.0.1:{{port.talk}}/\"\n");
  const ProcessResult result = Process({.command = {squall_binary(), "run", plan, "--once"},
                                        .directory = directory.path(),
                                        .environment = {{"E2E_TOKEN", "s3cr3t"}}})
                                   .wait();
  EXPECT_EQ(result.exit_code, 4) << result.errors;
  EXPECT_NE(result.errors.find("service talk: exited with status 4"), std::string::npos)
      << result.errors;
  EXPECT_NE(result.errors.find("token "), std::string::npos) << result.errors;
  EXPECT_EQ(result.errors.find("s3cr3t"), std::string::npos) << result.errors;
  EXPECT_EQ(server.requests(), 0U);
}

TEST(Command, OncePrintsTheCookiesThatCurlSends) {
  HostileServer server({HostileServer::read_request(),
                        HostileServer::send(ok_answer("hi", "Set-Cookie: who=me; Path=/\r\n")),
                        HostileServer::again()});
  const TestDirectory directory;
  std::string text = simple_plan(server.url(""),
                                 "  [[scenario.step]]\n  name = \"more\"\n  request = \"GET /\"\n");
  const std::string_view timeout = "timeout = \"500ms\"\n";
  text.insert(text.find(timeout), "cookies = true\n");
  const ProcessResult result =
      squall(directory, {"run", directory.write("plan.toml", text), "--once", "--debug"});
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  ASSERT_EQ(server.requests(), 2U);
  EXPECT_NE(server.request_texts()[1].find("Cookie: who=me"), std::string::npos);
  EXPECT_NE(result.output.find("> Cookie: who=me"), std::string::npos) << result.output;
}

TEST(Command, WrongCommandLinesNameTheWord) {
  const TestDirectory directory;
  const std::vector<std::pair<std::vector<std::string>, std::string>> wrong{
      {{"frobnicate"}, "squall: there is no command \"frobnicate\"; there is run, "},
      {{"valdate", "plan.toml"}, "there is no command \"valdate\"; did you mean validate?"},
      {{"run", "--bogus"}, "squall run: there is no option --bogus"},
      {{"run", "plan.toml", "--thread=2"}, "no option --thread; did you mean --threads?"},
      {{"run"}, "squall run: PLAN is required"},
      {{"run", "plan.toml", "--debug"}, "--debug requires --once"},
      {{"run", "plan.toml", "other.toml"}, "\"other.toml\" is one word too many"},
      {{"hit", "http://127.0.0.1:1/", "-n", "0"}, "0 is no number from 1 up"},
      {{"hit", "http://127.0.0.1:1/", "--latency", "100ms:1000%"}, "--latency"},
      {{}, "Start here:"},
  };
  for (const auto& [arguments, message] : wrong) {
    const ProcessResult ended = squall(directory, arguments);
    EXPECT_EQ(ended.exit_code, 2) << ended.output << ended.errors;
    EXPECT_NE(ended.errors.find(message), std::string::npos) << message << "\n" << ended.errors;
    EXPECT_EQ(ended.output, "");
  }
}

TEST(Command, HelpShowsValuesAsPeopleWriteThem) {
  const TestDirectory directory;
  const ProcessResult help = squall(directory, {"help", "run"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_EQ(help.output, squall(directory, {"run", "--help"}).output);
  EXPECT_NE(help.output.find("--pace auto|spin|timer "), std::string::npos) << help.output;
  for (const char* command :
       {"run", "hit", "find", "skew", "selftest", "validate", "report", "replay", "demo",
        "catalogue", "init", "list", "schema", "completion"}) {
    const std::string text = squall(directory, {command, "--help"}).output;
    for (const char* noise : {"UINT", "TEXT:", "Excludes:", "REQUIRED", "Start here:"}) {
      EXPECT_EQ(text.find(noise), std::string::npos) << command << " " << noise << "\n" << text;
    }
  }
  EXPECT_NE(squall(directory, {"help"}).output.find("Start here:"), std::string::npos);
}

TEST(Command, ASecretStandsInNoFileOfTheRun) {
  HostileServer server(
      {HostileServer::read_request(),
       HostileServer::send("HTTP/1.1 401 No\r\nContent-Length: 11\r\n\r\ns3cr3t here"),
       HostileServer::again()});
  const TestDirectory directory;
  const auto plan = directory.write(
      "plan.toml", simple_plan(server.url(""),
                               "  headers = { X-Token = \"${env:E2E_TOKEN}\", K = \"{{key}}\" }\n"
                               "  effect = \"{{key}}\"\n"));
  const std::string run = directory / "run";
  const ProcessResult result = Process({.command = {squall_binary(), "run", plan, "--out", run},
                                        .directory = directory.path(),
                                        .environment = {{"E2E_TOKEN", "s3cr3t"}}})
                                   .wait();
  EXPECT_EQ(result.output.find("s3cr3t"), std::string::npos) << result.output;
  unsigned files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(run)) {
    if (entry.is_regular_file()) {
      ++files;
      EXPECT_EQ(read_file(entry.path().string()).find("s3cr3t"), std::string::npos) << entry.path();
    }
  }
  EXPECT_GT(files, 5U);
}

// Every file below `directory`, as one text.
std::string everything_in(const std::string& directory) {
  std::string all;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    all += entry.path().string() + "\n";
    all += entry.is_regular_file() ? read_file(entry.path().string()) : "";
  }
  return all;
}

std::string answer_401(const std::string& body) {
  return "HTTP/1.1 401 No\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

TEST(Command, ASecretOfTheRequestLineOrAnExpectationIsShownByItsName) {
  // The cut of what the ledger quotes of it goes through the token.
  const std::string body = std::string(155, '.') + "s3cr3t-token and more";
  HostileServer server({HostileServer::read_request(), HostileServer::send(answer_401(body)),
                        HostileServer::again()});
  const TestDirectory directory;
  std::string text = simple_plan(server.url(""),
                                 "  headers = { K = \"{{key}}\" }\n  effect = \"{{key}}\"\n"
                                 "  expect = [\"body contains \\\"${env:E2E_TOKEN}?\\\"\"]\n");
  const std::string line = "request = \"GET /\"";
  text.replace(text.find(line), line.size(), "request = \"GET /?api_key=${env:E2E_TOKEN}\"");
  const auto plan = directory.write("plan.toml", text);
  const auto with_token = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), squall_binary());
    return Process({.command = std::move(arguments),
                    .directory = directory.path(),
                    .environment = {{"E2E_TOKEN", "s3cr3t-token"}}})
        .wait();
  };
  std::string told;
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"run", plan, "--out", directory / "run"},
        std::vector<std::string>{"run", plan, "--out", directory / "refused", "--set",
                                 "preflight=true"},
        std::vector<std::string>{"run", plan, "--once", "--debug"},
        std::vector<std::string>{"validate", plan}}) {
    const ProcessResult result = with_token(arguments);
    told += result.output + result.errors;
  }
  told += everything_in(directory / "run") + everything_in(directory / "refused");
  EXPECT_EQ(server.request_texts().front().find("GET /?api_key=s3cr3t-token "), 0U);
  EXPECT_EQ(told.find("s3cr"), std::string::npos)
      << told.substr(told.find("s3cr") - std::min<std::size_t>(told.find("s3cr"), 300), 400);
  EXPECT_NE(told.find("GET /?api_key=${env:E2E_TOKEN}"), std::string::npos);
  EXPECT_NE(told.find("preflight: s.get"), std::string::npos) << told;
}

TEST(Command, ValidateSaysWhatAPlanWouldDo) {
  const TestDirectory directory;
  const ProcessResult result = squall(directory, {"validate", source_file("plans/checkout.toml")});
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_NE(result.output.find("buy.charge"), std::string::npos);
  const ProcessResult too_much = squall(directory, {"validate", source_file("plans/checkout.toml"),
                                                    "--set", "load.connections=100000000"});
  EXPECT_EQ(too_much.exit_code, 2) << too_much.output;
}

TEST(Command, SchemaIsTheCommittedOne) {
  const TestDirectory directory;
  const ProcessResult result = squall(directory, {"schema"});
  EXPECT_EQ(result.output, read_file(source_file("plans/plan.schema.json")));
  EXPECT_TRUE(nlohmann::json::parse(result.output, nullptr, false).is_object());
}

TEST(Command, CompletionScriptsAreAcceptedByTheirShells) {
  const TestDirectory directory;
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const ProcessResult script = squall(directory, {"completion", shell});
    ASSERT_EQ(script.exit_code, 0);
    const auto file = directory.write(std::string("completion.") + shell, script.output);
    const ProcessResult checked =
        program(directory, {std::string("/usr/bin/") + shell, "-n", file});
    EXPECT_EQ(checked.exit_code, 0) << shell << checked.errors;
  }
  // What bash would offer after `squall run --pace `.
  const auto ask = directory.write(
      "ask.sh",
      "source completion.bash\nCOMP_WORDS=(squall run --pace '')\nCOMP_CWORD=3\n_squall\n"
      "echo \"${COMPREPLY[@]}\"\n");
  EXPECT_EQ(program(directory, {"/bin/bash", ask}).output, "auto spin timer\n");
  // Files are offered where one can stand.
  const auto offered = [&](const std::string& command) {
    return program(
               directory,
               {"/bin/bash",
                directory.write("ask.sh", "source completion.bash\nCOMP_WORDS=(squall " + command +
                                              " '')\nCOMP_CWORD=2\n_squall\n"
                                              "echo \" ${COMPREPLY[@]} \"\n")})
        .output;
  };
  EXPECT_NE(offered("run").find(" completion.bash "), std::string::npos) << offered("run");
  EXPECT_NE(offered("list").find(" faults "), std::string::npos);
  for (const char* command : {"list", "completion", "schema"}) {
    EXPECT_EQ(offered(command).find("completion.bash"), std::string::npos) << offered(command);
  }
}

TEST(Command, TheManPageRenders) {
  const TestDirectory directory;
  const auto page = directory.write("squall.1", squall(directory, {"__man"}).output);
  const ProcessResult rendered =
      program(directory, {"/usr/bin/man", "--warnings", "-l", "-P", "cat", page});
  EXPECT_EQ(rendered.exit_code, 0) << rendered.errors;
  EXPECT_EQ(rendered.errors, "");
  EXPECT_NE(rendered.output.find("replay"), std::string::npos);
}

}  // namespace
}  // namespace squall::test
