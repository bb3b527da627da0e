# embed_files(target NAME FILES...): adds to the target a source that defines `algean::kernels::NAME()`, the texts of the files by
# their paths in the source tree, as EmbeddedFile of kernels/circuit/library_sources.hpp. Made again when a file changes.
# As a script (cmake -D OUTPUT= -D NAME= -D ROOT= -D LIST= -P embed.cmake) it writes that source.
function(write_embedded output name root files)
  set(text "// Made by cmake/embed.cmake.\n#include \"kernels/circuit/library_sources.hpp\"\n\nnamespace algean::kernels {\n")
  string(APPEND text "namespace {\n\nconstexpr EmbeddedFile files[] = {\n")
  foreach(file IN LISTS files)
    file(READ "${root}/${file}" content)
    if(content MATCHES "\\)algean_file\"")
      message(FATAL_ERROR "${file}: holds the mark that ends an embedded file")
    endif()
    string(APPEND text "    {\"${file}\", R\"algean_file(${content})algean_file\"},\n")
  endforeach()
  string(APPEND text "};\n\n}  // namespace\n\nstd::span<const EmbeddedFile> ${name}() { return files; }\n\n}  // namespace algean::kernels\n")
  file(WRITE "${output}" "${text}")
endfunction()

if(CMAKE_SCRIPT_MODE_FILE STREQUAL CMAKE_CURRENT_LIST_FILE)
  file(STRINGS "${LIST}" files)
  write_embedded("${OUTPUT}" "${NAME}" "${ROOT}" "${files}")
  return()
endif()

set(ALGEAN_EMBED_SCRIPT ${CMAKE_CURRENT_LIST_FILE})
function(embed_files target name)
  set(list ${PROJECT_BINARY_DIR}/embedded/${name}.txt)
  set(output ${PROJECT_BINARY_DIR}/embedded/${name}.cpp)
  set(paths)
  foreach(file IN LISTS ARGN)
    file(RELATIVE_PATH path ${PROJECT_SOURCE_DIR} ${file})
    list(APPEND paths ${path})
  endforeach()
  list(SORT paths)
  list(JOIN paths "\n" lines)
  file(CONFIGURE OUTPUT ${list} CONTENT "${lines}\n" @ONLY)
  add_custom_command(OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -D OUTPUT=${output} -D NAME=${name} -D ROOT=${PROJECT_SOURCE_DIR} -D LIST=${list}
            -P ${ALGEAN_EMBED_SCRIPT}
    DEPENDS ${ARGN} ${list} ${ALGEAN_EMBED_SCRIPT} COMMENT "Embedding files as ${name}" VERBATIM)
  target_sources(${target} PRIVATE ${output})
endfunction()
