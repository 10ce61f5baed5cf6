# Called for an upgrade too: by dpkg with the word, by rpm with how many are left.
case ${1:-} in
upgrade | failed-upgrade | 1) ;;
*)
	if [ -d /run/systemd/system ]; then
		systemctl stop 'vocoder@*.service' || :
	fi
	users stop vocoder.socket vocoder.service 'vocoder@*.service'
	;;
esac
