# Make the helper work at once: its user, the kernel module, the udev rule and the
# socket. A preset of the package enables the socket, unless the administrator's says
# otherwise: systemd.preset(5). Debian remembers units that an administrator has
# disabled: deb-systemd-helper(1).
first=
case ${1:-} in
configure)
	[ -n "${2:-}" ] || first=yes
	deb-systemd-helper unmask vocoder-inputd.socket > /dev/null || :
	if deb-systemd-helper --quiet was-enabled vocoder-inputd.socket; then
		deb-systemd-helper enable vocoder-inputd.socket > /dev/null || :
	else
		deb-systemd-helper update-state vocoder-inputd.socket > /dev/null || :
	fi
	;;
1) # rpm, the first time
	first=yes
	systemctl preset vocoder-inputd.socket || :
	;;
*.*) # Arch; an upgrade has the old version too
	if [ $# = 1 ]; then
		first=yes
		systemctl preset vocoder-inputd.socket || :
	fi
	;;
esac
if [ -d /run/systemd/system ]; then
	systemd-sysusers vocoder.conf || :
	modprobe -q uinput || :
	udevadm control --reload || :
	udevadm trigger --settle --subsystem-match=misc --sysname-match=uinput || :
	systemctl daemon-reload || :
	if systemctl -q is-enabled vocoder-inputd.socket; then
		systemctl start vocoder-inputd.socket || :
	fi
	systemctl try-restart vocoder-inputd.service 'vocoder@*.service' || :
fi
if [ -n "$first" ] && command -v systemctl > /dev/null && ! systemctl -q is-enabled vocoder-inputd.socket; then
	echo "vocoder: a preset of this system leaves the socket of its helper disabled. Enable it with"
	echo "  sudo systemctl enable --now vocoder-inputd.socket"
fi
# Restart running daemons with the new program. They first type the words that they
# still have. Each user decides whether to run a daemon.
users daemon-reload
users try-restart vocoder.service 'vocoder@*.service' vocoder-osd.service
