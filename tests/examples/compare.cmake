# Runs PROGRAM, and fails unless it prints what is in the file EXPECTED.
execute_process(COMMAND ${PROGRAM} OUTPUT_VARIABLE printed RESULT_VARIABLE status)
file(READ "${EXPECTED}" expected)
if(NOT status EQUAL 0 OR NOT printed STREQUAL expected)
  message(FATAL_ERROR "${PROGRAM} (exit status ${status}) printed\n${printed}\ninstead of\n${expected}")
endif()
