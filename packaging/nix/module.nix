# What the packages of other systems do with sysusers.d, modules-load.d, udev and a preset.
self:
{ config, lib, pkgs, ... }:

let
  cfg = config.services.vocoder;
in
{
  options.services.vocoder = {
    enable = lib.mkEnableOption "push-to-talk dictation, with the helper that opens the devices";
    package = lib.mkOption {
      type = lib.types.package;
      default = self.packages.${pkgs.stdenv.hostPlatform.system}.default;
      defaultText = "the package of this flake";
      description = "The package of vocoder.";
    };
    input = lib.mkOption {
      type = lib.types.lines;
      default = builtins.readFile ../inputd/input.yaml;
      defaultText = "the file of the package";
      description = "Settings of the helper, /etc/vocoder/input.yaml: see vocoder-inputd(8).";
    };
  };

  config = lib.mkIf cfg.enable {
    environment.systemPackages = [ cfg.package ];
    environment.etc."vocoder/input.yaml".text = cfg.input;
    systemd.packages = [ cfg.package ];
    systemd.sockets.vocoder-inputd.wantedBy = [ "sockets.target" ];
    systemd.services.vocoder-inputd.restartTriggers = [ cfg.input ];
    services.udev.packages = [ cfg.package ];
    boot.kernelModules = [ "uinput" ];
    users.users.vocoder-input = {
      isSystemUser = true;
      group = "vocoder-input";
      description = "Input device helper of vocoder";
    };
    users.groups.vocoder-input = { };
  };
}
