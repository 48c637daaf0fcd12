#include "loadgen/effects/sql_parameters.hpp"

#include <gtest/gtest.h>

#include <string>

namespace squall::effects {
namespace {

unsigned postgres(std::string_view query) {
  return highest_parameter(query, SqlDialect::kPostgres);
}
unsigned sqlite(std::string_view query) {
  return highest_parameter(query, SqlDialect::kSqlite);
}

TEST(SqlParameters, FindsTheHighestOne) {
  EXPECT_EQ(postgres("select 1"), 0U);
  EXPECT_EQ(postgres("select memo, count(*) from c where memo = any($1) group by memo"), 1U);
  EXPECT_EQ(postgres("select $2,$10,$1"), 10U);
  EXPECT_EQ(postgres("$"), 0U);
  EXPECT_EQ(postgres(""), 0U);
  EXPECT_EQ(postgres("$99999999999999999999"), 1'000'000U);
  EXPECT_EQ(sqlite("select value from json_each($1)"), 1U);
}

TEST(SqlParameters, NotInLiteralsNamesAndComments) {
  for (const char* const text : {"'$1'", "'it''s $1'", "\"$1\"", "-- $1\n", "-- $1", "/* $1 */",
                                 "a$1", "c_$1", "'$1", "\"$1", "/* $1", "'\\', $1'"}) {
    EXPECT_EQ(postgres(text), text == std::string_view("'\\', $1'") ? 1U : 0U) << text;
    EXPECT_EQ(sqlite(text), text == std::string_view("'\\', $1'") ? 1U : 0U) << text;
  }
  EXPECT_EQ(postgres("'$1' $2 -- $3\n $4 /* $5 */"), 4U);
}

TEST(SqlParameters, PostgresHasLiteralsOfItsOwn) {
  EXPECT_EQ(postgres("$$ $1 $$"), 0U);
  EXPECT_EQ(postgres("$tag$ $1 $$ $1 $tag$ $2"), 2U);
  EXPECT_EQ(postgres("$tag$ $1"), 0U) << "without an end";
  EXPECT_EQ(postgres(R"(e'\' $1' $2)"), 2U);
  EXPECT_EQ(postgres(R"(E'\\' $1)"), 1U);
  EXPECT_EQ(postgres(R"(some'\' $1)"), 1U) << "the letter ends a longer name";
  EXPECT_EQ(postgres("/* /* $1 */ $1 */ $2"), 2U);
  EXPECT_EQ(postgres("a[$1]"), 1U);
}

TEST(SqlParameters, SqliteHasNamesOfItsOwn) {
  EXPECT_EQ(sqlite("[$1] `$1` $2"), 2U);
  EXPECT_EQ(sqlite("/* /* $1 */ $2"), 2U);
}

}  // namespace
}  // namespace squall::effects
