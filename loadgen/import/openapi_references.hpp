// "$ref" inside one API description.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "loadgen/import/document.hpp"

namespace squall::import {

// Borrows the document, which must outlive this. One thread.
class References {
 public:
  explicit References(const Node& document) : document_(document) {}

  // `node` itself, or what its "$ref" (and that one's, …) stands for: a JSON pointer into this
  // document. nullptr for other files, for pointers that lead nowhere and for rings of references;
  // unresolved() names them.
  [[nodiscard]] const Node* resolve(const Node& node);

  // Texts of references that could not be followed, each once.
  [[nodiscard]] const std::vector<std::string>& unresolved() const { return unresolved_; }

 private:
  [[nodiscard]] const Node* find(const std::string& reference);

  const Node& document_;
  std::map<std::string, const Node*> known_;
  std::vector<std::string> unresolved_;
};

}  // namespace squall::import
