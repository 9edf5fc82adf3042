import Assets

/// A file built into the program: stylesheets, scripts, icons, sentences, the demo world's content.
public struct Asset {
    public let name: String
    /// The program's own memory; lives as long as the process.
    public let bytes: UnsafeRawBufferPointer

    /// Every file, in the order of `Sources/Assets/assets.c`.
    public static let all: [Asset] = {
        var out: [Asset] = []
        for i in 0..<fettle_asset_count() {
            var size = 0
            guard let name = fettle_asset_name(i), let data = fettle_asset_data(i, &size) else {
                continue
            }
            out.append(
                Asset(
                    name: String(cString: name),
                    bytes: UnsafeRawBufferPointer(start: data, count: size)))
        }
        return out
    }()

    public static func named(_ name: String) -> Asset? { all.first { $0.name == name } }
}

extension Asset: @unchecked Sendable {}
