# vocoder for NixOS. In a flake of yours:
#
#   inputs.vocoder.url = "github:arealicehole/vocoder?dir=packaging/nix";
#   inputs.vocoder.inputs.nixpkgs.follows = "nixpkgs";
#
# add vocoder.nixosModules.default to the modules, and services.vocoder.enable = true.
{
  description = "Push-to-talk dictation for Wayland and X11";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs = { self, nixpkgs }:
    let
      systems = nixpkgs.lib.genAttrs [ "x86_64-linux" "aarch64-linux" ];
    in
    {
      packages = systems (system: {
        default = nixpkgs.legacyPackages.${system}.callPackage ./package.nix { };
      });
      nixosModules.default = import ./module.nix self;
    };
}
