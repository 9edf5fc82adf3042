import Base
import Web

/// A page's address with its query, of which links change a part and keep the rest: what is shown is in
/// the URL.
struct PageLink: Sendable {
    var path: String
    var query: [(name: String, value: String)]

    init(_ path: String, _ query: [(name: String, value: String)] = []) {
        self.path = path
        self.query = query
    }

    /// The page that is being shown, without its place in a list and without what was just done.
    init(_ call: Call) {
        self.init(call.path, call.query.filter { !["cursor", "done"].contains($0.name) })
    }

    /// The same with one parameter set, or taken out where there is no value.
    func with(_ name: String, _ value: String?) -> PageLink {
        var out = self
        out.query.removeAll { $0.name == name }
        if let value, !value.isEmpty { out.query.append((name, value)) }
        return out
    }

    func at(_ path: String) -> PageLink { PageLink(path, query) }

    func value(_ name: String) -> String? { query.last { $0.name == name }?.value }

    /// The query as a form's hidden fields, some left out.
    func hidden(except: Set<String> = []) -> HTML {
        query.filter { !except.contains($0.name) }.html {
            "<input type=\"hidden\" name=\"\($0.name)\" value=\"\($0.value)\">"
        }
    }

    var rawQuery: String {
        query.map { FormBody.encode($0.name) + "=" + FormBody.encode($0.value) }.joined(separator: "&")
    }

    var text: String { query.isEmpty ? path : path + "?" + rawQuery }
}

extension HTML.StringInterpolation {
    mutating func appendInterpolation(_ link: PageLink) { appendInterpolation(link.text) }
}
