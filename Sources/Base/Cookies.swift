/// The cookies of a request (RFC 6265 § 4.2, read as leniently as § 5.2 asks: what makes no sense is
/// left out, nothing is refused).
public struct Cookies: Sendable, Equatable {
    /// In the order of the header; a name may repeat (the first is the more specific path's).
    public var pairs: [FormBody.Field]

    /// - Parameters:
    ///   - header: the value of `Cookie`; beyond 16 KiB none are read.
    ///   - most: how many are read.
    public init(header: String, most: Int = 64) {
        pairs = []
        guard header.utf8.count <= 16_384 else { return }
        for piece in header.utf8.split(separator: 0x3B) {
            guard pairs.count < most else { return }
            guard let at = piece.firstIndex(of: 0x3D) else { continue }
            let name = Cookies.stripped(piece[..<at])
            var value = Cookies.stripped(piece[piece.index(after: at)...])
            if value.count >= 2, value.first == 0x22, value.last == 0x22 {
                value = value.dropFirst().dropLast()
            }
            guard !name.isEmpty, name.allSatisfy(isTokenByte), value.allSatisfy(Cookies.isValueByte)
            else { continue }
            pairs.append(
                .init(String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self))
            )
        }
    }

    /// The first value of that name; names are told apart by case.
    public subscript(_ name: String) -> String? { pairs.first { $0.name == name }?.value }

    private static func stripped(_ bytes: Substring.UTF8View) -> Substring.UTF8View {
        var bytes = bytes
        while let b = bytes.first, b == 0x20 || b == 0x09 { bytes = bytes.dropFirst() }
        while let b = bytes.last, b == 0x20 || b == 0x09 { bytes = bytes.dropLast() }
        return bytes
    }

    /// cookie-octet (RFC 6265 § 4.1.1).
    static func isValueByte(_ b: UInt8) -> Bool {
        switch b {
        case 0x21, 0x23...0x2B, 0x2D...0x3A, 0x3C...0x5B, 0x5D...0x7E: true
        default: false
        }
    }
}

/// A byte of a token (RFC 9110 § 5.6.2).
func isTokenByte(_ b: UInt8) -> Bool {
    switch b {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x5E...0x60,
        0x7C, 0x7E:
        true
    default: false
    }
}

/// A cookie to set. Out of reach of scripts and of other sites' forms unless said otherwise.
public struct SetCookie: Sendable {
    public enum SameSite: String, Sendable {
        case strict = "Strict"
        case lax = "Lax"
    }

    public var name: String
    public var value: String
    public var path = "/"
    /// Seconds to live; nil ends with the browser, 0 takes the cookie away.
    public var maxAgeS: Int?
    public var secure: Bool
    public var httpOnly = true
    public var sameSite = SameSite.lax

    /// - Parameter secure: true wherever the site is reached by HTTPS.
    public init(_ name: String, _ value: String, maxAgeS: Int? = nil, secure: Bool) {
        self.name = name
        self.value = value
        self.maxAgeS = maxAgeS
        self.secure = secure
    }

    /// Takes a cookie away.
    public static func removal(of name: String, secure: Bool) -> SetCookie {
        SetCookie(name, "", maxAgeS: 0, secure: secure)
    }

    /// The value of the `Set-Cookie` header. `cookie.value` where name, value or path hold what
    /// RFC 6265 § 4.1.1 does not allow: such a byte could begin another attribute or header.
    public var header: String {
        get throws {
            guard !name.isEmpty, name.utf8.allSatisfy(isTokenByte),
                value.utf8.allSatisfy(Cookies.isValueByte), path.utf8.first == 0x2F,
                path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x3B })
            else { throw Failure(.internal, "cookie.value") }
            var out = "\(name)=\(value); Path=\(path)"
            if let maxAgeS { out += "; Max-Age=\(maxAgeS)" }
            if secure { out += "; Secure" }
            if httpOnly { out += "; HttpOnly" }
            return out + "; SameSite=\(sameSite.rawValue)"
        }
    }
}
