# The Debian package, by `cpack`: our programs with the system's libraries. LibTorch is no Debian package of that version and
# may not be carried; the launcher fetches it (fetch-libtorch.sh.in).
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME barlow-studio)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
# Who packs says who answers for it, as Debian's own tools ask.
set(name "$ENV{DEBFULLNAME}")
set(mail "$ENV{DEBEMAIL}")
if(NOT name OR NOT mail)
  set(name "Barlow Studio developers")
  set(mail "barlow-studio@example.org")
endif()
set(CPACK_PACKAGE_CONTACT "${name} <${mail}>")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "experiment studio for self-supervised learning")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION "\
Trains image networks without labels, by the method of Barlow Twins: two
distorted views of each image go through the same network, and the
cross-correlation matrix of the two batches of embeddings is pulled towards
the identity.

The window barlow-studio shows data, views and the matrix live while training;
barlow is the same on the command line.

LibTorch ${BARLOW_TORCH_VERSION} is not part of the package. On first start the programs offer
to fetch it as a Python wheel into the user's data folder; BARLOW_TORCH names
one that is there already.")
# What the programs ask for, as dpkg-shlibdeps finds it; LibTorch's folders belong to no package and are passed over.
file(GLOB nvidia_folders "${LIBTORCH_DIR}/../nvidia/*/lib")
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS "${LIBTORCH_DIR}/lib" ${nvidia_folders})
set(CPACK_DEBIAN_PACKAGE_DEPENDS "python3 (>= 3.10), python3-venv")
if(BARLOW_STUDIO)
  # Where the window asks whether to fetch LibTorch.
  set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "x-terminal-emulator")
  set(CPACK_DEBIAN_PACKAGE_SUGGESTS "qt6-wayland, qt6-xdgdesktopportal-platformtheme")
endif()

set(folder ${CMAKE_CURRENT_BINARY_DIR}/debian)
string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC)
configure_file(debian/changelog.in ${folder}/changelog @ONLY)
execute_process(COMMAND gzip -9nf ${folder}/changelog COMMAND_ERROR_IS_FATAL ANY)
install(FILES ${folder}/changelog.gz debian/copyright DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/barlow-studio)
include(CPack)
