# Install rules and the .deb (cpack -G DEB): binaries, plans, man page, completion.
install(TARGETS squall squall-shop RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
foreach(name toxiproxy-server toxiproxy-cli)
  install(FILES ${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/${name} DESTINATION ${CMAKE_INSTALL_BINDIR})
endforeach()
install(DIRECTORY plans/ DESTINATION ${CMAKE_INSTALL_DATADIR}/squall/plans)
install(FILES README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright)

# What README.md and the man page refer to by path stands beside README.md.
set(generated ${CMAKE_BINARY_DIR}/generated)
install(FILES faults/README.md DESTINATION ${CMAKE_INSTALL_DOCDIR}/faults)
install(FILES reports/README.md DESTINATION ${CMAKE_INSTALL_DOCDIR}/reports)
file(MAKE_DIRECTORY ${generated})
file(RELATIVE_PATH plans_from_docs /${CMAKE_INSTALL_DOCDIR} /${CMAKE_INSTALL_DATADIR}/squall/plans)
file(CREATE_LINK ${plans_from_docs} ${generated}/plans SYMBOLIC)
install(FILES ${generated}/plans DESTINATION ${CMAKE_INSTALL_DOCDIR})

# The man page and the completions are read off the command tree by the binary itself.
add_custom_command(
  OUTPUT ${generated}/squall.1 ${generated}/squall.bash ${generated}/_squall ${generated}/squall.fish
  COMMAND squall __man > ${generated}/squall.1
  COMMAND squall completion bash > ${generated}/squall.bash
  COMMAND squall completion zsh > ${generated}/_squall
  COMMAND squall completion fish > ${generated}/squall.fish
  DEPENDS squall VERBATIM)
add_custom_target(squall_generated_docs ALL
  DEPENDS ${generated}/squall.1 ${generated}/squall.bash ${generated}/_squall ${generated}/squall.fish)
install(FILES ${generated}/squall.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${generated}/squall.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME squall)
install(FILES ${generated}/_squall DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
install(FILES ${generated}/squall.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME squall)
set(CPACK_PACKAGE_CONTACT "The squall authors <squall@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
include(CPack)
