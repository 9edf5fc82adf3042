import Base

/// The icons of `static/icons.svg`, by the name after `i-`.
public enum Icon: String, Sendable, CaseIterable {
    case inbox, ticket, triage, wall, dish, box, book, chart, gear, users, user, search, bell, plus, minus
    case check
    case checkCircle = "check-circle"
    case circle, x, alert, info, clock, pause, play, right, down, up, arrow, more, menu, filter, columns
    case download, lock, globe, message, clip, image, file, scan, truck, pin, wrench, edit, print, calendar
    case phone, stamp, shield, link, theme, flag, swap

    /// Drawn in the colour of the text; says nothing to a screen reader, since the text beside it does.
    public var html: HTML {
        "<svg class=\"icon\" aria-hidden=\"true\"><use href=\"\(StaticFiles.path("icons.svg"))#i-\(rawValue)\"/></svg>"
    }

    public var large: HTML {
        "<svg class=\"icon icon-l\" aria-hidden=\"true\"><use href=\"\(StaticFiles.path("icons.svg"))#i-\(rawValue)\"/></svg>"
    }
}

extension HTML.StringInterpolation {
    public mutating func appendInterpolation(_ icon: Icon) { appendInterpolation(icon.html) }
}

/// Files under `/static`, named by their content so that a browser may keep them for ever.
public enum StaticFiles {
    struct File: Sendable {
        let path: String
        let type: String
        let bytes: UnsafeRawBufferPointerBox
    }

    private static let files: [String: File] = {
        var out: [String: File] = [:]
        for asset in Asset.all where asset.name.hasPrefix("static/") {
            let name = String(asset.name.dropFirst("static/".count))
            let hash = Secrets.hex(Secrets.sha256(Array(asset.bytes)).prefix(6))
            let dot = name.lastIndex(of: ".") ?? name.endIndex
            let path = "/static/\(name[..<dot]).\(hash)\(name[dot...])"
            let type =
                switch name[dot...] {
                case ".css": "text/css; charset=utf-8"
                case ".js": "text/javascript; charset=utf-8"
                case ".svg": "image/svg+xml"
                case ".json", ".webmanifest": "application/json"
                default: "application/octet-stream"
                }
            out[name] = File(path: path, type: type, bytes: .init(asset.bytes))
        }
        return out
    }()

    private static let byPath = Dictionary(
        files.values.map { ($0.path, $0) }, uniquingKeysWith: { a, _ in a })

    /// `/static/fettle.0a1b2c.css` for `fettle.css`.
    public static func path(_ name: String) -> String { files[name]?.path ?? "/static/" + name }

    /// The file at a path, for ever cacheable; 404 for any other.
    public static func routes(_ routes: inout Routes) {
        routes.free("GET", "/static/{name*}", surface: .page, door: .everyone) { call, _, _ in
            // Scripts import each other by plain names; those are checked anew each time.
            let plain = call.path.dropFirst("/static/".count)
            if let file = byPath[call.path] {
                return Reply(
                    headers: [
                        ("Content-Type", file.type), ("Cache-Control", "public, max-age=31536000, immutable"),
                    ], body: .asset(file.bytes))
            }
            guard let file = files[String(plain)] else { throw Failure.notFound() }
            return Reply(
                headers: [("Content-Type", file.type), ("Cache-Control", "no-cache")],
                body: .asset(file.bytes))
        }
    }
}
