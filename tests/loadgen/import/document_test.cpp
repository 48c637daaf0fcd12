#include "loadgen/import/document.hpp"

#include <gtest/gtest.h>

namespace squall::import {
namespace {

constexpr DocumentLimits kLimits{.bytes = 100'000, .depth = 20, .values = 1000};

Node json(std::string_view text) {
  auto node = read_json(text, "f", kLimits);
  EXPECT_TRUE(node.has_value()) << text << (node ? "" : to_string(node.error()));
  return node.value_or(Node{});
}

Node yaml(std::string_view text) {
  auto node = read_yaml(text, "f", kLimits);
  EXPECT_TRUE(node.has_value()) << text << (node ? "" : to_string(node.error()));
  return node.value_or(Node{});
}

std::string compact(const Node& node) {
  return to_json(node, JsonLayout::kCompact);
}

TEST(Document, JsonComesBackAsItWas) {
  const std::string text =
      R"({"a":[1,-2,0.5,1e+300,true,false,null],"b":{"c":"x\"\\\n"},"d":[],"e":{}})";
  EXPECT_EQ(compact(json(text)), text);
  EXPECT_EQ(compact(json("18446744073709551615")), "1.8446744073709552e+19");
  EXPECT_EQ(to_json(json(R"({"a":[1,{}],"b":2})"), JsonLayout::kIndented),
            "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": 2\n}");
}

TEST(Document, JsonValuesKnowTheirPlace) {
  const std::string text = "{\n  \"a\" : [12 , \"x\\\\\\\"y\",true],\n \"b\":-1.5e2}";
  const Node node = json(text);
  const auto written = [&](const Node& value) {
    return text.substr(value.where.begin, value.where.end - value.where.begin);
  };
  const Node::List& list = *node.find("a")->as_list();
  EXPECT_EQ(written(list[0]), "12");
  EXPECT_EQ(written(list[1]), "\"x\\\\\\\"y\"");
  EXPECT_EQ(written(list[2]), "true");
  EXPECT_EQ(written(*node.find("b")), "-1.5e2");
  EXPECT_EQ(list[1].where.line, 2U);
  EXPECT_EQ(list[1].where.column, 15U);
  EXPECT_EQ(node.find("b")->where.line, 3U);
  EXPECT_EQ(node.find("b")->where.column, 6U);
}

TEST(Document, YamlHasTheCoreSchema) {
  EXPECT_EQ(compact(yaml("a: 1\nb: 0x1F\nc: 1.5\nd: true\ne: ~\nf: '1'\ng: \"true\"\nh: yes\ni:\n"
                         "j: 2024-01-15\nk: 1_000\nl: .inf\nm: 0o17\nn: -7\no: +1\np: '200'\n")),
            R"({"a":1,"b":31,"c":1.5,"d":true,"e":null,"f":"1","g":"true","h":"yes","i":null,)"
            R"("j":"2024-01-15","k":"1_000","l":".inf","m":15,"n":-7,"o":1,"p":"200"})");
  EXPECT_EQ(compact(yaml("- a\n- [b, {c: d}]\n- |\n  x\n  y\n")),
            R"(["a",["b",{"c":"d"}],"x\ny\n"])");
  EXPECT_EQ(compact(yaml("200: ok\n---\nsecond: 1\n")), R"({"200":"ok"})");
  const Node node = yaml("a:\n  - b: c\n");
  EXPECT_EQ(node.find("a")->as_list()->front().find("b")->where.line, 2U);
}

TEST(Document, YamlAliasesAndMergesAreCopies) {
  EXPECT_EQ(
      compact(yaml("base: &b {x: 1, y: [2]}\na: *b\nc: {<<: *b, x: 3}\nd: {<<: [*b, {z: 1}]}\n"
                   "&k key: 1\nother: *k\n")),
      R"({"base":{"x":1,"y":[2]},"a":{"x":1,"y":[2]},"c":{"x":3,"y":[2]},)"
      R"("d":{"x":1,"y":[2],"z":1},"key":1,"other":"key"})");
}

TEST(Document, AliasesDoNotExpandWithoutBound) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int k = 0; k < 10; ++k) {
      bomb += (k == 0 ? "*a" : ", *a") + std::to_string(i - 1);
    }
    bomb += "]\n";
  }
  const auto node = read_yaml(bomb, "f", kLimits);
  ASSERT_FALSE(node.has_value());
  EXPECT_NE(node.error().message.find("more than 1000 values"), std::string::npos)
      << node.error().message;
  EXPECT_FALSE(read_yaml("a: &a [*a]\n", "f", kLimits).has_value());
}

struct Wrong {
  std::string text;
  std::string position;
  std::string message;
};

TEST(Document, SaysWhereJsonIsWrong) {
  const Wrong cases[]{
      {"", "f:1:1", "unexpected end of input"},
      {"{\n \"a\": }", "f:2:7", "unexpected '}'"},
      {"[1,\n2,,3]", "f:2:3", "unexpected ','"},
      {"\"\xff\"", "f:1:2", "UTF-8"},
      {"[1] x", "f:1:5", "invalid literal"},
      {std::string(21, '[') + std::string(21, ']'), "f:1:21", "more than 20 levels"},
      {"\"" + std::string(100'001, 'x') + "\"", "f:1:1", "has more than"},
  };
  for (const Wrong& one : cases) {
    const auto node = read_json(one.text, "f", kLimits);
    ASSERT_FALSE(node.has_value()) << one.text.substr(0, 50);
    EXPECT_EQ(to_string(*node.error().where), one.position) << to_string(node.error());
    EXPECT_NE(node.error().message.find(one.message), std::string::npos) << node.error().message;
  }
  std::string many = "[0";
  for (int i = 0; i < 1000; ++i) {
    many += ",0";
  }
  EXPECT_FALSE(read_json(many + "]", "f", kLimits).has_value());
}

TEST(Document, SaysWhereYamlIsWrong) {
  const Wrong cases[]{
      {"", "f:1:1", "empty"},
      {"a: [1,\n", "f:", "this is no YAML"},
      {"a: 1\n b: 2\n", "f:2:", "this is no YAML"},
      {"a: *nowhere\n", "f:1:", "this is no YAML"},
      {"? [a]\n: b\n", "f:1:3", "keys have to be text"},
      {"\xff", "f:1:1", "not UTF-8"},
      {std::string(21, '[') + std::string(21, ']'), "f:1:21", "more than 20 levels"},
  };
  for (const Wrong& one : cases) {
    const auto node = read_yaml(one.text, "f", kLimits);
    ASSERT_FALSE(node.has_value()) << one.text.substr(0, 50);
    EXPECT_EQ(to_string(*node.error().where).substr(0, one.position.size()), one.position)
        << to_string(node.error());
    EXPECT_NE(node.error().message.find(one.message), std::string::npos) << node.error().message;
  }
}

}  // namespace
}  // namespace squall::import
