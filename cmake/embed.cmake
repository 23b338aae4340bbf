# cmake -DINPUT=FILE -DOUTPUT=FILE -DNAME=IDENTIFIER -P embed.cmake
# Writes a C header with the bytes of a file as a zero-terminated array.
file(READ ${INPUT} bytes HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
string(REGEX REPLACE "(....,....,....,....,....,....,....,....,....,....,....,....,....,....,....,....,)"
    "\\1\n" bytes "${bytes}")
file(WRITE ${OUTPUT} "static const char ${NAME}[] = {\n${bytes}0x00};\n")
