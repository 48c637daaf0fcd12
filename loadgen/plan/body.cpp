#include "loadgen/plan/body.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fmt/core.h>

#include "loadgen/base/encoding.hpp"
#include "loadgen/base/hash.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/expr/generated_bytes.hpp"
#include "loadgen/expr/plan_file.hpp"

namespace squall::plan {
namespace {

using expr::Encoding;
using expr::Template;
using expr::ValueType;

constexpr std::array<std::string_view, 5> kBodies{"json", "body", "body_file", "form", "multipart"};
constexpr std::size_t kMaxBytes = std::size_t{64} * 1024 * 1024;
constexpr std::size_t kMaxParts = 256;

void read_file(expr::TableReader& reader, std::string_view key, Template& out) {
  const auto content =
      expr::read_plan_file(reader.scope().resolve_path(reader.string(key)), kMaxBytes);
  if (!content) {
    reader.error(key, content.error().message);
    return;
  }
  out.append_literal(*content);
}

Template read_form(expr::TableReader& reader, const expr::TemplateNames& names) {
  Template form;
  for (auto& [name, value] : reader.template_map("form", names)) {
    std::string head = form.is_literal() && form.literal().empty() ? "" : "&";
    append_percent_encoded(name, head);
    form.append_literal(head + "=");
    value.set_place("form " + name);
    value.encode(Encoding::kForm);
    form.append(value);
  }
  return form;
}

// A field of Content-Disposition, quoted as HTML's forms do it.
void append_field(std::string_view field, Template value, Template& out) {
  value.encode(Encoding::kQuoted);
  out.append_literal(fmt::format("; {}=\"", field));
  out.append(value);
  out.append_literal("\"");
}

void append_content(expr::TableReader& reader, const expr::TemplateNames& names, std::string place,
                    Template& out) {
  if (reader.has("file")) {
    read_file(reader, "file", out);
  } else if (reader.has("generate")) {
    const ByteCount size = reader.bytes("generate");
    if (size.bytes > expr::kMostGenerated) {
      reader.error("generate", fmt::format("a part has at most {}",
                                           format_bytes(ByteCount{expr::kMostGenerated})));
      return;
    }
    Template content = Template::generated(size.bytes);
    content.set_place(std::move(place));
    out.append(content);
  } else {
    Template value = reader.text("value", names);
    value.set_place(std::move(place));
    out.append(value);
  }
}

// Head and content of a part, behind its boundary line.
void append_part(const expr::Value& table, expr::TableReader& outer,
                 const expr::TemplateNames& names, std::size_t index, Template& out) {
  expr::TableReader reader(table, multipart_spec(), outer.scope(), outer.diagnostics());
  constexpr std::array<std::string_view, 3> kContents{"value", "file", "generate"};
  const auto contents = std::count_if(kContents.begin(), kContents.end(),
                                      [&](std::string_view key) { return reader.has(key); });
  if (contents != 1) {
    outer.diagnostics().error(reader.where(),
                              "a part has one content: give value, file or generate");
    return;
  }
  const bool is_file = !reader.has("value");
  out.append_literal("Content-Disposition: form-data");
  Template name = reader.text("name", names);
  name.set_place(fmt::format("part {} name", index));
  append_field("name", std::move(name), out);
  if (reader.has("filename")) {
    Template filename = reader.text("filename", names);
    filename.set_place(fmt::format("part {} filename", index));
    append_field("filename", std::move(filename), out);
  } else if (is_file) {
    Template filename;
    const std::string path = reader.has("file") ? reader.string("file") : "generated.bin";
    filename.append_literal(path.substr(path.rfind('/') + 1));
    append_field("filename", std::move(filename), out);
  }
  const std::string type = reader.has("type") ? reader.string("type")
                           : is_file          ? "application/octet-stream"
                                              : "";
  const bool line_end = type.find_first_of("\r\n") != std::string::npos;
  if (line_end) {
    reader.error("type", "a type is one line, for example \"image/png\"");
  }
  out.append_literal(type.empty() || line_end ? "\r\n\r\n"
                                              : fmt::format("\r\nContent-Type: {}\r\n\r\n", type));
  append_content(reader, names, fmt::format("part {} value", index), out);
}

// A line that stands in none of the parts: made of what they hold, so it is the same in each run,
// and a request without {{names}} is built once for all.
std::string boundary_for(const std::vector<Template>& parts) {
  std::uint64_t hash = 0;
  for (const Template& part : parts) {
    hash = hash_bytes(part.source(), hash);
  }
  while (true) {
    hash = mix64(hash + 1);
    std::string boundary = fmt::format("squall-{:016x}{:016x}", hash, mix64(hash));
    const bool taken = std::any_of(parts.begin(), parts.end(), [&](const Template& part) {
      return part.source().find(boundary) != std::string::npos;
    });
    if (!taken) {
      return boundary;
    }
  }
}

Template read_multipart(expr::TableReader& reader, const expr::TemplateNames& names,
                        std::string& content_type) {
  std::vector<const expr::Value*> tables = reader.tables("multipart");
  if (tables.empty() || tables.size() > kMaxParts) {
    reader.error("multipart", fmt::format("a multipart body has from 1 to {} parts", kMaxParts));
    tables.resize(std::min(tables.size(), kMaxParts));
  }
  std::vector<Template> parts(tables.size());
  std::size_t size = 0;
  std::uint64_t generated = 0;
  for (std::size_t i = 0; i < tables.size() && size <= kMaxBytes; ++i) {
    append_part(*tables[i], reader, names, i, parts[i]);
    size += parts[i].literal_bytes();
    generated += parts[i].generated_bytes();
  }
  Template body;
  if (size > kMaxBytes || generated > expr::kMostGenerated) {
    reader.error("multipart",
                 size > kMaxBytes
                     ? fmt::format("the files and texts of the parts hold more than {} together",
                                   format_bytes(ByteCount{kMaxBytes}))
                     : fmt::format("the parts generate more than {} together",
                                   format_bytes(ByteCount{expr::kMostGenerated})));
    return body;
  }
  const std::string boundary = boundary_for(parts);
  for (const Template& part : parts) {
    body.append_literal(fmt::format("--{}\r\n", boundary));
    body.append(part);
    body.append_literal("\r\n");
  }
  body.append_literal(fmt::format("--{}--\r\n", boundary));
  content_type = "multipart/form-data; boundary=" + boundary;
  return body;
}

}  // namespace

const expr::TableSpec& multipart_spec() {
  static const expr::TableSpec spec{
      .name = "multipart",
      .help = "A part of a multipart body. Its content is `value`, `file` or `generate`.",
      .keys = {
          {.name = "name",
           .type = ValueType::kTemplate,
           .help = "Of the form's field.",
           .required = true,
           .example = "\"picture\""},
          {.name = "value",
           .type = ValueType::kTemplate,
           .help = "Content as text.",
           .example = "\"{{key}}\""},
          {.name = "file",
           .type = ValueType::kString,
           .help = "Content from a file, its exact bytes; relative to the plan's folder.",
           .example = "\"data/picture.png\""},
          {.name = "generate",
           .type = ValueType::kBytes,
           .help = "That many bytes as content, made while they are sent: 64 KiB of them are in "
                   "memory at a time. They follow from the seed and the operation, so a retry and "
                   "a copy have the same ones. A body has at most 4 GiB of them; 64 MiB where it "
                   "must be in memory as a whole: for `{{body}}` in a header, in `setup` and "
                   "`teardown`, and for `malformed` faults that spoil the body.",
           .example = "\"5MiB\""},
          {.name = "filename",
           .type = ValueType::kTemplate,
           .help = "The file's name; for `file` and `generate` there is one unless given.",
           .example = "\"{{seq}}.png\""},
          {.name = "type",
           .type = ValueType::kString,
           .help = "Content-Type of the part; `application/octet-stream` for `file` and `generate` "
                   "unless given.",
           .example = "\"image/png\""},
      }};
  return spec;
}

std::vector<expr::KeySpec> body_keys() {
  return {
      {.name = "json",
       .type = ValueType::kJson,
       .help = "Body as a TOML value, sent as JSON. A string that is exactly one {{name}} becomes "
               "a value of that name's own type.",
       .example = "{ order = \"{{seq}}\", amount = 1999, token = \"{{key}}\" }"},
      {.name = "body",
       .type = ValueType::kTemplate,
       .help = "Body as text. A request has one of `json`, `body`, `body_file`, `form`, "
               "`multipart`.",
       .example = "'''<order id=\"{{seq}}\"/>'''"},
      {.name = "body_file",
       .type = ValueType::kString,
       .help =
           "Body from a file, its exact bytes, without {{names}}; relative to the plan's folder.",
       .example = "\"data/order.xml\""},
      {.name = "form",
       .type = ValueType::kTemplateMap,
       .help = "Body as a form, `application/x-www-form-urlencoded`; names and values are encoded.",
       .example = "{ mail = \"{{users.email}}\", amount = \"{{rand_int 1 100}}\" }"},
      {.name = "multipart",
       .type = ValueType::kTableList,
       .help = "Body as `multipart/form-data`, part after part.",
       .table = &multipart_spec(),
       .example = "[{ name = \"picture\", generate = \"5MiB\", filename = \"a.png\" }]"},
  };
}

void read_body(expr::TableReader& reader, const expr::TemplateNames& names,
               model::RequestSpec& request) {
  std::optional<std::string_view> first;
  for (const std::string_view key : kBodies) {
    if (!reader.has(key)) {
      continue;
    }
    if (first) {
      reader.error(key,
                   fmt::format("a request has one body: give `{}` or `{}`, not both", *first, key));
      return;
    }
    first = key;
  }
  if (!first) {
    return;
  }
  Template body;
  if (*first == "json") {
    body = reader.json("json", names);
    request.json = true;
  } else if (*first == "body") {
    body = reader.text("body", names);
  } else if (*first == "body_file") {
    read_file(reader, "body_file", body);
  } else if (*first == "form") {
    body = read_form(reader, names);
    request.content_type = "application/x-www-form-urlencoded";
  } else {
    body = read_multipart(reader, names, request.content_type);
  }
  body.set_place("body");
  request.body = std::move(body);
}

}  // namespace squall::plan
