# How tools/package has CPack make the .deb of a folder that holds what the package installs.
#   PACKAGE_STAGE=folder PACKAGE_VERSION=0.1.0 PACKAGE_OUTPUT=folder cpack --config cpack.cmake
set(here "${CMAKE_CURRENT_LIST_DIR}")

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME kless)
set(CPACK_PACKAGE_VERSION "$ENV{PACKAGE_VERSION}")
set(CPACK_PACKAGE_DIRECTORY "$ENV{PACKAGE_OUTPUT}")
set(CPACK_INSTALLED_DIRECTORIES "$ENV{PACKAGE_STAGE};.")
set(CPACK_PACKAGING_INSTALL_PREFIX /)
set(CPACK_SET_DESTDIR OFF)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "emulator of a serverless Kubernetes control plane")
set(CPACK_PACKAGE_DESCRIPTION
    "A table with a change feed, a function pool with cold starts, caps and throttles, and the\
 Kubernetes control loops as functions, in one process with one SQLite file. kubectl and client\
 libraries talk to it; experiments run in virtual time and replay exactly.")
set(CPACK_PACKAGE_CONTACT "The kless authors <kless@localhost>")
set(CPACK_PACKAGE_VENDOR kless)
set(CPACK_PACKAGE_FILE_NAME "kless-$ENV{PACKAGE_VERSION}")

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
# What the program links, with versions.
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# Figures of experiments; clients, and a look into the data file.
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "gnuplot-nox | gnuplot")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "sqlite3, jq, bash-completion")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
    "${here}/postinst;${here}/prerm;${here}/postrm;$ENV{PACKAGE_OUTPUT}/conffiles")
