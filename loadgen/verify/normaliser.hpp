// Compares answers' bodies without what differs by itself: order of members, forms of numbers, and
// fields that change from one reading of the same thing to the next.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace squall::verify {

// Fields are JSON pointers (RFC 6901) in which "*" stands for any element of an array. One thread.
class Normaliser {
 public:
  void mask(const std::string& field) { volatile_.insert(field); }
  // Bodies of the same resource, nothing having changed it: fields that are not the same in all of
  // them are masked from now on. Bodies that are no JSON teach nothing.
  void learn(const std::vector<std::string>& bodies);
  [[nodiscard]] const std::set<std::string>& fields() const { return volatile_; }

  // Empty: the same. Else the first difference, in one clause for people: "/status is "done", was
  // "pending"". JSON is compared by value, members and elements in any order, numbers by their
  // value; anything else byte by byte.
  [[nodiscard]] std::string difference(std::string_view first, std::string_view second) const;

 private:
  std::set<std::string> volatile_;
};

}  // namespace squall::verify
