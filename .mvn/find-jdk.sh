# Sets JAVA_HOME to a JDK of version 25 or later, or says what to install. Sourced by ./mvnw and ./reft.
# Looks at JAVA_HOME, the java on the PATH, /usr/lib/jvm, SDKMAN, Homebrew and macOS' own list, and takes the first that is new enough.

reft_jdk_version() { # prints the feature version of the JDK in folder $1, or nothing
  [ -x "$1/bin/javac" ] || return 1
  if [ -r "$1/release" ]; then
    sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release"
  else
    "$1/bin/javac" -version 2>&1 | sed -n 's/^javac \([0-9]*\).*/\1/p'
  fi
}

reft_find_jdk() {
  _on_path="$(command -v javac 2>/dev/null || true)"
  while [ -L "$_on_path" ]; do
    _link="$(readlink "$_on_path")"
    case "$_link" in
      /*) _on_path="$_link" ;;
      *) _on_path="$(dirname "$_on_path")/$_link" ;;
    esac
  done
  _mac="$(/usr/libexec/java_home -v 25+ 2>/dev/null || true)"
  for _home in "${JAVA_HOME:-}" "${_on_path%/bin/javac}" "$_mac" /usr/lib/jvm/* "${SDKMAN_DIR:-$HOME/.sdkman}"/candidates/java/* \
    "$HOME"/.jdks/* /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home /opt/java/*; do
    [ -n "$_home" ] && [ -d "$_home" ] || continue
    _version="$(reft_jdk_version "$_home" 2>/dev/null || true)"
    if [ "${_version:-0}" -ge 25 ] 2>/dev/null; then
      JAVA_HOME="$_home"
      export JAVA_HOME
      return 0
    fi
  done
  cat >&2 <<'MESSAGE'
reft4j needs a JDK of version 25 or later, and none was found in JAVA_HOME, on the PATH, in /usr/lib/jvm, in ~/.sdkman or by java_home.
Install one, then run this again:
  Debian, Ubuntu   apt install openjdk-25-jdk     (or temurin-25-jdk from Adoptium's repository)
  macOS            brew install openjdk@25
  any              sdk install java 25-tem        (SDKMAN, https://sdkman.io)
  or unpack any JDK 25 and set JAVA_HOME to its folder
MESSAGE
  return 1
}

reft_find_jdk
