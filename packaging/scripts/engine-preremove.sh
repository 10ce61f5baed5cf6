case ${1:-} in
upgrade | failed-upgrade | 1) ;;
*) users stop vocoder-engine.socket vocoder-engine.service ;;
esac
