/// Parts of a path of the file system, as text: `NSString`'s own traps on paths of one character.
public enum PathText {
    /// What stands before the last slash; empty for a bare name, `/` for what lies in the root.
    public static func folder(_ path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: 0x2F) else { return "" }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// What stands behind the last slash.
    public static func name(_ path: String) -> String {
        path.utf8.lastIndex(of: 0x2F).map { String(path[path.utf8.index(after: $0)...]) } ?? path
    }

    /// A name below a folder; an empty folder is the one we are in.
    public static func join(_ folder: String, _ name: String) -> String {
        if folder.isEmpty { return name }
        return name.isEmpty ? folder : folder.hasSuffix("/") ? folder + name : folder + "/" + name
    }
}
