# Source this to work in the project by hand: `source tools/env.sh`. The Makefile's recipes do.
symbolon_root="$(cd "$(dirname "${BASH_SOURCE[0]:-$0}")/.." && pwd)"

# Ape's cache stays in the project. Its sandboxes too: below the system's temporary folder Ape believes that it is
# already isolated and leaves files among the contracts, and a clone may well lie there.
export APE_DATA_FOLDER="$symbolon_root/.ape"
export TMPDIR="$symbolon_root/.tmp"
export SOLCX_BINARY_PATH="$symbolon_root/.local/solcx"
# Bytecode too, and it is kept whatever the machine's habit is: without it Ape takes twice as long to start.
export PYTHONPYCACHEPREFIX="$symbolon_root/.local/bytecode"
unset PYTHONDONTWRITEBYTECODE
# Chains on this machine are asked directly; without this, each request looks through the environment for a way.
no_proxy="${no_proxy:-${NO_PROXY:-}}"
export no_proxy="127.0.0.1,localhost${no_proxy:+,$no_proxy}"
export PYTHONPATH="$symbolon_root${PYTHONPATH:+:$PYTHONPATH}"
# Our Python first; our anvil, forge and cast last, so that a user's own win.
case ":$PATH:" in
  *":$symbolon_root/.venv/bin:"*) ;;
  *)
    PATH="$symbolon_root/.venv/bin:$PATH"
    for symbolon_tool in anvil cast forge; do
      PATH="$PATH:$symbolon_root/node_modules/@foundry-rs/$symbolon_tool-linux-amd64/bin"
    done
    export PATH
    ;;
esac
unset symbolon_root symbolon_tool
