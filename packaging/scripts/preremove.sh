# An upgrade runs this too: dpkg passes "upgrade", rpm the number of versions left.
case ${1:-} in
upgrade | failed-upgrade | 1) ;;
*)
	users stop vocoder.socket vocoder.service 'vocoder@*.service' vocoder-osd.service
	if [ -d /run/systemd/system ]; then
		systemctl stop 'vocoder@*.service' || :
		systemctl disable --now vocoder-inputd.socket || :
		systemctl stop vocoder-inputd.service || :
	fi
	;;
esac
