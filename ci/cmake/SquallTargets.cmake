# How squall's targets are made: one static library per subfolder, plug-in folders whose registration is generated, one
# test program per folder and kind. Sources are globbed, so a new file needs no edit here.

add_library(squall_flags INTERFACE)
target_include_directories(squall_flags INTERFACE ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR}/generated)
target_compile_options(squall_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast -Wnon-virtual-dtor
  -Woverloaded-virtual -Wcast-align -Wformat=2 -Wundef -Wswitch-enum)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(squall_flags INTERFACE -Wduplicated-cond -Wlogical-op)
  if(CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    # g++ 12 sees overlapping, endless and misplaced copies in std::string's operator+ and insert (GCC bugs 105651, 105329);
    # the sanitizer builds look at the real ones.
    target_compile_options(squall_flags INTERFACE -Wno-restrict -Wno-stringop-overflow -Wno-stringop-overread -Wno-array-bounds)
  endif()
endif()
if(SQUALL_WERROR)
  target_compile_options(squall_flags INTERFACE -Werror)
endif()
if(SQUALL_SANITIZE)
  target_compile_options(squall_flags INTERFACE -fsanitize=${SQUALL_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(squall_flags INTERFACE -fsanitize=${SQUALL_SANITIZE})
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Debug")
  target_compile_definitions(squall_flags INTERFACE _GLIBCXX_ASSERTIONS)
endif()
if(SQUALL_LTO)
  set(CMAKE_INTERPROCEDURAL_OPTIMIZATION ON)
endif()

# What tests assert is about the libraries, which are optimised; the tests themselves need not be, and that halves their
# part of a release build.
add_library(squall_test_flags INTERFACE)
target_compile_options(squall_test_flags INTERFACE $<$<CONFIG:RelWithDebInfo>:-O0$<SEMICOLON>-g1>)

# What nearly every source includes, parsed once per build. Headers are proved self-contained without it, and clang-tidy sees
# each source without it: it saves time and hides nothing.
if(NOT CMAKE_DISABLE_PRECOMPILE_HEADERS)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(squall_flags INTERFACE -fpch-preprocess)  # lets ccache see through it
  endif()
  target_link_libraries(squall_flags INTERFACE Threads::Threads)  # -pthread has to be the same everywhere
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/generated/pch.cpp CONTENT "// Nothing: its target holds precompiled headers.\n")
  add_library(squall_pch OBJECT ${CMAKE_BINARY_DIR}/generated/pch.cpp)
  target_link_libraries(squall_pch PRIVATE squall_flags fmt::fmt)
  target_precompile_headers(squall_pch PRIVATE
    <algorithm> <array> <chrono> <cstdint> <functional> <map> <memory> <optional> <set> <string> <string_view> <utility>
    <vector> <fmt/core.h>)
  add_library(squall_test_pch OBJECT ${CMAKE_BINARY_DIR}/generated/pch.cpp)
  target_link_libraries(squall_test_pch PRIVATE squall_flags squall_test_flags GTest::gmock)
  target_precompile_headers(squall_test_pch PRIVATE
    <algorithm> <array> <chrono> <cstdint> <functional> <map> <memory> <optional> <set> <string> <string_view> <utility>
    <vector> <gmock/gmock.h> <gtest/gtest.h>)
endif()
function(squall_precompiled target from)
  if(TARGET ${from})
    target_precompile_headers(${target} REUSE_FROM ${from})
  endif()
endfunction()

# squall_library(NAME DEPENDS lib… [PRIVATE lib…] [PLUGINS family…])
# Makes squall_NAME from this folder's *.cpp (and those of SUBFOLDERS). DEPENDS are squall libraries and public
# third-party targets; PRIVATE are used in sources only. A folder without sources is a header-only library.
function(squall_library name)
  cmake_parse_arguments(ARG "" "FOLDER" "DEPENDS;PRIVATE;SUBFOLDERS" ${ARGN})
  set(folder ${CMAKE_CURRENT_SOURCE_DIR}/${ARG_FOLDER})
  set(patterns ${folder}/*.cpp)
  set(header_patterns ${folder}/*.hpp)
  foreach(sub IN LISTS ARG_SUBFOLDERS)
    list(APPEND patterns ${folder}/${sub}/*.cpp)
    list(APPEND header_patterns ${folder}/${sub}/*.hpp)
  endforeach()
  file(GLOB sources CONFIGURE_DEPENDS ${patterns})
  file(GLOB headers CONFIGURE_DEPENDS ${header_patterns})
  list(SORT sources)
  if(sources)
    add_library(squall_${name} STATIC ${sources})
    target_link_libraries(squall_${name} PUBLIC squall_flags ${ARG_DEPENDS} PRIVATE ${ARG_PRIVATE})
    squall_precompiled(squall_${name} squall_pch)
    target_sources(squall_${name} PUBLIC FILE_SET HEADERS BASE_DIRS ${CMAKE_SOURCE_DIR} FILES ${headers})
    set_target_properties(squall_${name} PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON)
  else()
    add_library(squall_${name} INTERFACE)
    target_link_libraries(squall_${name} INTERFACE squall_flags ${ARG_DEPENDS})
  endif()
endfunction()

# squall_plugins(TARGET FAMILY FOLDER HEADER NAMESPACE REGISTRY)
# Each FOLDER/<stem>.cpp defines  void NAMESPACE::register_<FAMILY>_<stem>(REGISTRY&).  This generates
# NAMESPACE::register_<FAMILY>s(REGISTRY&), which calls them in order of file name, and adds it to TARGET. A file without
# its function is a link error; a removed file is forgotten at the next build.
function(squall_plugins target family folder header namespace registry)
  get_target_property(type ${target} TYPE)
  if(type STREQUAL "INTERFACE_LIBRARY")
    return()
  endif()
  file(GLOB plugins CONFIGURE_DEPENDS RELATIVE ${CMAKE_CURRENT_SOURCE_DIR}/${folder}
       ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*.cpp)
  list(SORT plugins)
  set(declarations "")
  set(calls "")
  foreach(plugin IN LISTS plugins)
    get_filename_component(stem ${plugin} NAME_WE)
    string(APPEND declarations "void register_${family}_${stem}(${registry}& registry);\n")
    string(APPEND calls "  register_${family}_${stem}(registry);\n")
  endforeach()
  set(generated ${CMAKE_BINARY_DIR}/generated/register_${family}s.cpp)
  file(CONFIGURE OUTPUT ${generated} @ONLY CONTENT
"// Generated from the files in ${folder}; see squall_plugins.
#include \"${header}\"

namespace ${namespace} {

${declarations}
void register_${family}s(${registry}& registry);

void register_${family}s(${registry}& registry) {
${calls}}

}  // namespace ${namespace}
")
  target_sources(${target} PRIVATE ${generated})
endfunction()

# Where this tree and its programs are, for the tests that must know. A header and no definition for all of them, so that a
# compiler cache knows the other tests again in another checkout.
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/generated/tests/paths.hpp CONTENT
"#pragma once
#define SQUALL_SOURCE_DIR \"${CMAKE_SOURCE_DIR}\"
#define SQUALL_BIN_DIR \"${CMAKE_RUNTIME_OUTPUT_DIRECTORY}\"
")

# squall_tests(NAME LABEL FOLDER DEPENDS lib…)
# One GoogleTest program squall_NAME_test from FOLDER/*_test.cpp, registered with ctest under LABEL.
function(squall_tests name label folder)
  cmake_parse_arguments(ARG "" "TIMEOUT" "DEPENDS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*_test.cpp)
  if(NOT sources)
    return()
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 60)
  endif()
  list(SORT sources)
  add_executable(squall_${name}_test ${sources})
  squall_precompiled(squall_${name}_test squall_test_pch)
  target_link_libraries(squall_${name}_test PRIVATE squall_flags squall_test_flags ${ARG_DEPENDS} GTest::gmock GTest::gtest_main)
  if(SQUALL_SANITIZE AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # With sanitizers g++ takes empty std::optional members for uninitialised ones (its manual says that such warnings come).
    target_compile_options(squall_${name}_test PRIVATE -Wno-maybe-uninitialized)
  endif()
  add_test(NAME ${name} COMMAND squall_${name}_test)
  set_tests_properties(${name} PROPERTIES LABELS ${label} TIMEOUT ${ARG_TIMEOUT})
  # squall_unit_tests, squall_integration_tests, …: all programs of a label.
  if(NOT TARGET squall_${label}_tests)
    add_custom_target(squall_${label}_tests)
  endif()
  add_dependencies(squall_${label}_tests squall_${name}_test)
endfunction()
