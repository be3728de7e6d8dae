# Writes OUTPUT, the C++ source that defines the table of compiled_in_files.h.
#
#   cmake -DROOT=tree -DOUTPUT=file.cc -DFILES=configs/a.yaml,configs/b.csv -P embed_configs.cmake
#
# Each file is packed with gzip beside OUTPUT; the assembler includes the packed bytes, which costs
# no compile time whatever their size.
string(REPLACE "," ";" files "${FILES}")
list(SORT files)
get_filename_component(folder "${OUTPUT}" DIRECTORY)
set(labels "")
set(bytes "")
set(rows "")
set(number 0)
foreach(file IN LISTS files)
  set(packed "${folder}/compiled_in/${file}.gz")
  get_filename_component(parent "${packed}" DIRECTORY)
  file(MAKE_DIRECTORY "${parent}")
  # -n: no name and no time of the file, so that equal files give equal programs.
  execute_process(COMMAND gzip -9 -n -c "${ROOT}/${file}" OUTPUT_FILE "${packed}"
                  COMMAND_ERROR_IS_FATAL ANY)
  file(SIZE "${ROOT}/${file}" size)
  string(APPEND labels "extern const unsigned char kless_file_${number}[], "
                       "kless_file_${number}_end[];\n")
  string(APPEND bytes "    \"kless_file_${number}: .incbin \\\"${packed}\\\"\\n\"\n"
                      "    \"kless_file_${number}_end: .byte 0\\n\"\n")
  string(APPEND rows "    {\"${file}\", kless_file_${number}, kless_file_${number}_end, ${size}},\n")
  math(EXPR number "${number} + 1")
endforeach()
file(
  WRITE "${OUTPUT}"
  "#include \"emulator/base/system/compiled_in_files.h\"\n\n"
  "asm(\".pushsection .rodata\\n\"\n${bytes}    \".popsection\\n\");\n\n"
  "#pragma GCC visibility push(hidden)\nextern \"C\" {\n${labels}}\n#pragma GCC visibility pop\n\n"
  "namespace kless {\n\n"
  "const CompiledInFile kCompiledInFiles[] = {\n${rows}};\n"
  "const std::size_t kCompiledInFileCount = ${number};\n\n"
  "}  // namespace kless\n")
