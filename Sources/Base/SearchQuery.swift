/// What a person asks for, apart from any engine: all terms must be found, each as a phrase.
public struct SearchQuery: Sendable, Equatable {
    /// Consecutive tokens; the last may be the beginning of one.
    public struct Term: Sendable, Equatable {
        public var tokens: [String]
        public var lastIsPrefix: Bool

        public init(_ tokens: [String], lastIsPrefix: Bool = false) {
            self.tokens = tokens
            self.lastIsPrefix = lastIsPrefix
        }
    }

    public var terms: [Term]
    /// Nothing to look for: the text had no letter and no digit.
    public var isEmpty: Bool { terms.isEmpty }

    public init(terms: [Term]) { self.terms = terms }

    /// Reads what was typed. Words are ANDed; what stands together without a space, or between double
    /// quotes, must stand together in the text. At most 16 terms of 64 tokens count.
    ///
    /// - Parameter prefix: take the last Latin word for the beginning of one, as while typing.
    public init(_ text: String, prefix: Bool = false) {
        var out: [Term] = []
        let typed = CleanText.nfc(String(text.unicodeScalars.prefix(1000)))
        let pieces = SearchQuery.pieces(typed[...])
        for (i, piece) in pieces.enumerated() {
            var scanner = TextAnalyser.Scanner(String(piece))
            let tokens = scanner.run(joined: false)
            let phrases = tokens.split(whereSeparator: \.isGap)
            for (k, phrase) in phrases.enumerated() {
                let isLast = i == pieces.count - 1 && k == phrases.count - 1
                out.append(SearchQuery.term(Array(phrase), prefix: prefix && isLast))
            }
        }
        terms = []
        for term in out where terms.count < 16 && !terms.contains(term) { terms.append(term) }
    }

    /// The last character of a Chinese run has a token of its own. At the end of a term it asks for
    /// nothing that the pair before it does not; alone, it is the beginning of a token.
    private static func term(_ tokens: [TextAnalyser.Token], prefix: Bool) -> Term {
        var texts = tokens.prefix(64).map(\.text)
        var lastIsPrefix = prefix
        if let last = texts.last?.unicodeScalars, last.count == 1, let s = last.first,
            TextAnalyser.classify(s) == .han
        {
            let before = texts.dropLast().last?.unicodeScalars
            if let before, before.count == 2, before.last == s,
                before.first.map({ TextAnalyser.classify($0) == .han }) ?? false
            {
                texts.removeLast()
                lastIsPrefix = false
            } else {
                lastIsPrefix = true
            }
        } else if tokens.count > 64 || texts.last.map(isHan) ?? false {
            lastIsPrefix = false
        }
        return Term(texts, lastIsPrefix: lastIsPrefix)
    }

    private static func isHan(_ text: String) -> Bool {
        text.unicodeScalars.first.map { TextAnalyser.classify($0) == .han } ?? false
    }

    /// Pieces between white space; double quotes hold several together. An open quote is none.
    private static func pieces(_ text: Substring) -> [Substring] {
        var out: [Substring] = []
        var rest = text
        func isQuote(_ c: Character) -> Bool { c == "\"" || c == "“" || c == "”" }
        while let first = rest.first {
            if first.isWhitespace {
                rest = rest.dropFirst()
            } else if isQuote(first), let end = rest.dropFirst().firstIndex(where: isQuote) {
                out.append(rest[rest.index(after: rest.startIndex)..<end])
                rest = rest[rest.index(after: end)...]
            } else {
                let end = rest.dropFirst().firstIndex { $0.isWhitespace || isQuote($0) }
                out.append(rest[..<(end ?? rest.endIndex)])
                rest = rest[(end ?? rest.endIndex)...]
            }
        }
        return out
    }

    // MARK: - Meaning

    /// Whether a document of these tokens is found. The engines must agree with this.
    public func matches(_ tokens: [String]) -> Bool {
        terms.allSatisfy { term in SearchQuery.first(of: term, in: tokens, from: 0) != nil }
    }

    private static func first(of term: Term, in tokens: [String], from start: Int) -> Int? {
        let n = term.tokens.count
        guard n > 0, let head = term.tokens.first, let tail = term.tokens.last else { return nil }
        var i = start
        while i + n <= tokens.count {
            let headFits = n == 1 || tokens[i] == head
            if headFits, tokens[i..<(i + n - 1)].elementsEqual(term.tokens.dropLast()) {
                let t = tokens[i + n - 1]
                if t == tail || (term.lastIsPrefix && t.utf8.starts(with: tail.utf8)) { return i }
            }
            i += 1
        }
        return nil
    }

    /// For FTS5's MATCH: every term a quoted string, so that nothing in it is an operator (SQLite,
    /// "Full-text Query Syntax"). nil where there is nothing to look for.
    public var fts5: String? {
        guard !isEmpty else { return nil }
        return terms.map { term in
            let quoted = term.tokens.map { $0.replacing("\"", with: "\"\"") }.joined(separator: " ")
            return "\"\(quoted)\"" + (term.lastIsPrefix ? " *" : "")
        }.joined(separator: " AND ")
    }

    /// For PostgreSQL's `to_tsquery('simple', …)`, every token quoted. nil where there is nothing to look
    /// for.
    public var tsquery: String? {
        guard !isEmpty else { return nil }
        return terms.map { term in
            let last = term.tokens.count - 1
            return "("
                + term.tokens.enumerated().map { i, t in
                    let quoted = t.replacing("\\", with: "\\\\").replacing("'", with: "''")
                    return "'\(quoted)'" + (i == last && term.lastIsPrefix ? ":*" : "")
                }.joined(separator: " <-> ") + ")"
        }.joined(separator: " & ")
    }

    // MARK: - Showing why

    /// Where the text matches, in order and without overlap: for marking in results.
    public func ranges(in text: String) -> [Range<String.Index>] {
        offsets(in: text).map {
            text.utf8.index(
                text.startIndex, offsetBy: $0.lowerBound)..<text.utf8.index(
                    text.startIndex, offsetBy: $0.upperBound)
        }
    }

    private func offsets(in text: String) -> [Range<Int>] {
        let tokens = TextAnalyser.tokens(text)
        let texts = tokens.map(\.text)
        var found: [Range<Int>] = []
        for term in terms {
            var from = 0
            while let i = SearchQuery.first(of: term, in: texts, from: from) {
                let last = tokens[i + term.tokens.count - 1]
                // A lone Chinese character matches the first of a pair.
                let isHanPrefix =
                    term.lastIsPrefix && (term.tokens.last.map(SearchQuery.isHan) ?? false)
                let end = isHanPrefix ? last.firstEnd : last.range.upperBound
                found.append(tokens[i].range.lowerBound..<end)
                from = i + 1
            }
        }
        found.sort { ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound) }
        var merged: [Range<Int>] = []
        for r in found {
            if let before = merged.last, r.lowerBound <= before.upperBound {
                merged[merged.count - 1] =
                    before.lowerBound..<max(before.upperBound, r.upperBound)
            } else {
                merged.append(r)
            }
        }
        return merged
    }

    /// A piece of a result, found or not.
    public struct Piece: Sendable, Equatable {
        public var text: String
        public var isMatch: Bool
    }

    /// Some `length` characters of the text around the first match, in pieces to mark; the beginning
    /// where nothing matches. `…` stands where something is left out.
    public func excerpt(of text: String, length: Int = 160) -> [Piece] {
        let ranges = ranges(in: text)
        let anchor = ranges.first?.lowerBound ?? text.startIndex
        let start =
            text.index(anchor, offsetBy: -(length / 4), limitedBy: text.startIndex)
            ?? text.startIndex
        let end = text.index(start, offsetBy: length, limitedBy: text.endIndex) ?? text.endIndex
        var out: [Piece] = []
        func add(_ s: some StringProtocol, _ isMatch: Bool) {
            if !s.isEmpty { out.append(Piece(text: String(s), isMatch: isMatch)) }
        }
        if start > text.startIndex { add("…", false) }
        var at = start
        for r in ranges where r.lowerBound >= at && r.lowerBound < end {
            add(text[at..<r.lowerBound], false)
            let stop = min(r.upperBound, end)
            add(text[r.lowerBound..<stop], true)
            at = stop
        }
        add(text[at..<end], false)
        if end < text.endIndex { add("…", false) }
        return out
    }
}
