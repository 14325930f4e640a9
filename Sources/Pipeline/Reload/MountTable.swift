import Glibc

/// The kinds of the mounted file systems.
struct MountTable {
  /// `major:minor` of a device to its kind.
  private var kinds: [String: String] = [:]

  /// Reads what the kernel says; empty where it says nothing.
  init() {
    let bytes = (try? RuleFolder.contents("/proc/self/mountinfo")) ?? []
    self.init(String(decoding: bytes, as: UTF8.self))
  }

  /// Reads lines such as `36 35 98:0 / /mnt rw,noatime - ext4 /dev/root rw`.
  init(_ text: String) {
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      guard words.count > 3, let dash = words.firstIndex(of: "-"), dash + 1 < words.count else { continue }
      kinds[String(words[2])] = String(words[dash + 1])
    }
  }

  /// Whether others may change what is on a path's file system without this machine being told.
  func isRemote(_ path: String) -> Bool {
    var status = stat()
    guard stat(path, &status) == 0 else { return false }
    return isRemote(device: UInt64(status.st_dev))
  }

  /// The same for a device as `stat` has it.
  func isRemote(device: UInt64) -> Bool {
    let major = device >> 8 & 0xFFF | device >> 32 & ~0xFFF
    let minor = device & 0xFF | device >> 12 & ~0xFF
    guard let kind = kinds["\(major):\(minor & 0xFFFF_FFFF)"] else { return false }
    let remote = ["nfs", "nfs4", "cifs", "smb3", "9p", "afs", "ceph", "lustre", "vboxsf", "virtiofs", "fuse"]
    return remote.contains(kind) || kind.hasPrefix("fuse.")
  }
}
