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

/// Files under `/static/HASH/`, the hash being of all of them, so that a browser may keep them for ever
/// and scripts that import each other by `./name.js` stay inside one release.
public enum StaticFiles {
    struct File: Sendable {
        let type: String
        let body: Reply.Body
    }

    /// By name; beside the embedded files the sentences of the scripts, `words.en.js` and its sisters.
    private static let files: [String: File] = {
        var out: [String: File] = [:]
        for asset in Asset.all where asset.name.hasPrefix("static/") {
            let name = String(asset.name.dropFirst("static/".count))
            out[name] = File(type: type(name), body: .asset(.init(asset.bytes)))
        }
        for language in Language.allCases {
            let name = "words.\(language.tag).js"
            out[name] = File(type: type(name), body: .bytes(words(language)))
        }
        return out
    }()

    private static let hash: String = {
        var all: [UInt8] = []
        for asset in Asset.all where asset.name.hasPrefix("static/") { all += asset.bytes }
        for language in Language.allCases { all += words(language) }
        return Secrets.hex(Secrets.sha256(all).prefix(6))
    }()

    private static func type(_ name: String) -> String {
        switch name[(name.lastIndex(of: ".") ?? name.endIndex)...] {
        case ".css": "text/css; charset=utf-8"
        case ".js": "text/javascript; charset=utf-8"
        case ".svg": "image/svg+xml"
        case ".json", ".webmanifest": "application/json"
        default: "application/octet-stream"
        }
    }

    /// The sentences under `script.` as a module that tells them to `say.js`, keys without that prefix.
    static func words(_ language: Language) -> [UInt8] {
        let strings = Strings.of(language)
        let members = strings.keys.filter { $0.hasPrefix("script.") }.sorted().map {
            JSON.Member(String($0.dropFirst("script.".count)), .string(strings[$0]))
        }
        return Array("import { learn } from './say.js';\nlearn(\(JSON.object(members).text));\n".utf8)
    }

    /// `/static/0a1b2c3d4e5f/fettle.css` for `fettle.css`.
    public static func path(_ name: String) -> String { "/static/\(hash)/\(name)" }

    /// The file at a path, for ever cacheable under the present hash, checked anew under any other.
    public static func routes(_ routes: inout Routes) {
        routes.free("GET", "/static/{hash}/{name}", surface: .page, door: .everyone) { call, _, _ in
            guard let file = files[call.parameter("name")] else { throw Failure.notFound() }
            let keep =
                call.parameter("hash") == hash ? "public, max-age=31536000, immutable" : "no-cache"
            return Reply(
                headers: [("Content-Type", file.type), ("Cache-Control", keep)], body: file.body)
        }
    }
}
