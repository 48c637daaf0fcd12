# squall_embed(TARGET HEADER NAMESPACE ACCESSOR file…)
# Compiles text files into TARGET: `std::string_view NAMESPACE::ACCESSOR()`, which HEADER declares, is their contents one
# after the other, with a line break between. Made at build time, again whenever one of the files changes.
function(squall_embed target header namespace accessor)
  set(files "")
  foreach(file IN LISTS ARGN)
    get_filename_component(path ${file} ABSOLUTE)
    list(APPEND files ${path})
  endforeach()
  set(generated ${CMAKE_BINARY_DIR}/generated/embedded_${accessor}.cpp)
  list(JOIN files "|" joined)
  set(script ${CMAKE_SOURCE_DIR}/ci/cmake/embed_files.cmake)
  add_custom_command(
    OUTPUT ${generated}
    COMMAND ${CMAKE_COMMAND} -D OUTPUT=${generated} -D HEADER=${header} -D NAMESPACE=${namespace} -D ACCESSOR=${accessor}
            -D FILES=${joined} -P ${script}
    DEPENDS ${files} ${script} VERBATIM)
  target_sources(${target} PRIVATE ${generated})
endfunction()
