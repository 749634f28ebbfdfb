"""The contracts as one file for clients of other languages: `python -m scripts.protoset FILE`.

Beside our own files it holds those they import, and `google.rpc`, which carries failures: so a generator needs
nothing from the network, and grpcurl prints the details of an error.
"""

import subprocess
import sys
import tempfile
from importlib import metadata
from pathlib import Path

from google.protobuf.descriptor_pb2 import FileDescriptorSet

PROTOS = Path(__file__).resolve().parents[1] / "protos"
_FAILURES = ("google/rpc/status.proto", "google/rpc/error_details.proto")
_IS_IMPORT = b"\xd2\xf6\x03\x02\x08\x01"
"""Field 8042 with which buf marks a file as imported: generated for those who ask for imports, and for no others."""


def protoset() -> bytes:
    """A FileDescriptorSet with comments; each file comes after those it imports."""
    buf = Path(sys.executable).parent / "buf"
    own = subprocess.run([buf, "build", "-o", "-#format=binpb"], cwd=PROTOS, check=True, capture_output=True).stdout
    files = FileDescriptorSet.FromString(own)
    known = {file.name for file in files.file}
    for file in _failures().file:
        if file.name not in known:
            file.MergeFromString(_IS_IMPORT)
            files.file.append(file)
    return files.SerializeToString(deterministic=True)


def _failures() -> FileDescriptorSet:
    installed = metadata.distribution("googleapis-common-protos").locate_file("")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "failures")
        command = [sys.executable, "-m", "grpc_tools.protoc", f"-I{installed}", f"--descriptor_set_out={path}"]
        subprocess.run([*command, "--include_imports", "--include_source_info", *_FAILURES], check=True)
        return FileDescriptorSet.FromString(path.read_bytes())


if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(protoset())
