# Run by cpack when the components are in place and before packages are made of them: adds what
# Debian's policy wants of each package and what no install() rule can say.
cmake_minimum_required(VERSION 3.25)

set(here ${CPACK_HELOVET_SOURCE_DIR}/.packaging)

# Lists in CMake end words at semicolons; none of our paths has one.
function(run)
  execute_process(COMMAND ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

# Not file(INSTALL), which would go below $DESTDIR, still that of the last component.
function(place file directory name)
  file(MAKE_DIRECTORY ${directory})
  file(COPY_FILE ${file} ${directory}/${name})
  file(CHMOD ${directory}/${name} PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
endfunction()

# The manuals, as small as they get and without the time of the build in them.
function(compress_manuals root)
  file(GLOB manuals ${root}/usr/share/man/man*/*.[1-9])
  if(manuals)
    run(gzip -9nf ${manuals})
  endif()
endfunction()

# An archive keeps its symbols, by which it is linked, and nothing else that a debugger would want.
function(strip_objects root)
  file(GLOB programs ${root}/usr/bin/* ${root}/usr/libexec/*/* ${root}/usr/lib/*/*.so)
  if(programs)
    run(${CPACK_HELOVET_STRIP} --strip-unneeded --remove-section=.comment --remove-section=.note ${programs})
  endif()
  file(GLOB archives ${root}/usr/lib/*/lib*.a ${root}/usr/lib/lib*.a)
  foreach(archive ${archives})
    run(${CPACK_HELOVET_STRIP} --strip-debug --remove-section=.comment --remove-section=.note
      --enable-deterministic-archives ${archive})
  endforeach()
endfunction()

function(add_documents root package)
  set(directory ${root}/usr/share/doc/${package})
  place(${here}/copyright ${directory} copyright)
  place(${CPACK_HELOVET_SOURCE_DIR}/docs/CHANGELOG.md ${directory} changelog)
  execute_process(OUTPUT_FILE ${directory}/changelog.Debian COMMAND_ERROR_IS_FATAL ANY
    COMMAND awk -v package=${package} -v version=${CPACK_PACKAGE_VERSION}
      -v revision=${CPACK_DEBIAN_PACKAGE_RELEASE} -v "maintainer=${CPACK_PACKAGE_CONTACT}"
      -f ${here}/debian-changelog.awk ${CPACK_HELOVET_SOURCE_DIR}/docs/CHANGELOG.md)
  file(CHMOD ${directory}/changelog.Debian PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
  run(gzip -9nf ${directory}/changelog ${directory}/changelog.Debian)
  if(EXISTS ${here}/${package}/lintian-overrides)
    place(${here}/${package}/lintian-overrides ${root}/usr/share/lintian/overrides ${package})
  endif()
endfunction()

foreach(component ${CPACK_COMPONENTS_ALL})
  string(TOUPPER ${component} prefix)
  set(root ${CPACK_TEMPORARY_DIRECTORY}/${component})
  if(NOT IS_DIRECTORY ${root})
    message(FATAL_ERROR "${root} is missing")
  endif()
  compress_manuals(${root})
  strip_objects(${root})
  add_documents(${root} ${CPACK_DEBIAN_${prefix}_PACKAGE_NAME})
endforeach()

# The store of callbacks and statistics: what is in there has users of its own (mail-server.postinst.in).
file(MAKE_DIRECTORY ${CPACK_TEMPORARY_DIRECTORY}/command/var/lib/helovet)
