# The daemon, its client, the overlay and the helper. vocoder-engine is not here: its
# libraries are built by others.
{ lib, bash, buildGoModule, go }:

assert lib.assertMsg (lib.versionAtLeast go.version "1.26") "vocoder needs Go 1.26";

buildGoModule {
  pname = "vocoder";
  version = lib.fileContents ../../internal/version/VERSION;
  src = ../..;
  # Of what go mod vendor writes: nix hash path vendor.
  vendorHash = "sha256-rEFdgtf5QLT2geU+Tt1sj4lfJeKnsWPAUydVCDGfb0M=";

  # The Makefile builds and installs, as for every other distribution.
  buildPhase = ''
    runHook preBuild
    make build SHELL=${bash}/bin/bash
    runHook postBuild
  '';
  doCheck = false;
  installPhase = ''
    runHook preInstall
    make install-vocoder install-inputd SHELL=${bash}/bin/bash PREFIX=$out SYSCONFDIR=$out/etc
    runHook postInstall
  '';

  meta = {
    description = "Push-to-talk dictation for Wayland and X11";
    homepage = "https://github.com/arealicehole/vocoder";
    license = lib.licenses.mit;
    mainProgram = "vocoder";
    platforms = [ "x86_64-linux" "aarch64-linux" ];
  };
}
