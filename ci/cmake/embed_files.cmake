# The script behind squall_embed: writes OUTPUT, in which NAMESPACE::ACCESSOR() returns the text of FILES (separated by |).
string(REPLACE "|" ";" files "${FILES}")
set(text "")
foreach(file IN LISTS files)
  file(READ "${file}" content)
  if(content MATCHES "\\)squall\"")
    message(FATAL_ERROR "${file} holds the end of a raw string")
  endif()
  string(APPEND text "${content}\n")
endforeach()
file(WRITE "${OUTPUT}"
"// Generated from text files; see squall_embed.
#include \"${HEADER}\"

#if defined(__GNUC__)
#pragma GCC diagnostic ignored \"-Woverlength-strings\"
#endif

namespace ${NAMESPACE} {

std::string_view ${ACCESSOR}() {
  static constexpr std::string_view kText = R\"squall(${text})squall\";
  return kText;
}

}  // namespace ${NAMESPACE}
")
