# cmake -D BUILD=FOLDER -D ROOT=FOLDER -P install.cmake: installs a build with the prefix /usr below ROOT.
file(REMOVE_RECURSE ${ROOT})
set(ENV{DESTDIR} ${ROOT})
execute_process(COMMAND ${CMAKE_COMMAND} --install ${BUILD} --prefix /usr
    OUTPUT_QUIET ERROR_VARIABLE said COMMAND_ERROR_IS_FATAL ANY)
if(said)
    message(FATAL_ERROR "${said}")
endif()
