import Base
import Foundation
import Testing

/// The source's own tidiness: what a reader may rely on anywhere in it.
@Suite struct TidyTests {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static func files(_ folder: String, _ ending: String) -> [(path: String, text: String)] {
        let base = root.appending(path: folder)
        guard let walk = FileManager.default.enumerator(at: base, includingPropertiesForKeys: nil) else {
            return []
        }
        return walk.compactMap { $0 as? URL }.filter { $0.pathExtension == ending }.compactMap { url in
            (try? String(contentsOf: url, encoding: .utf8)).map {
                (String(url.path.dropFirst(root.path.count + 1)), $0)
            }
        }
    }

    /// Each library from outside has one home.
    @Test func importsStayWhereTheyBelong() {
        let homes: [(String, [String])] = [
            ("GRDB", ["Sources/StoreSQLite/"]),
            ("GRDBSQLite", ["Sources/StoreSQLite/", "Sources/fettle-bench"]),
            (
                "Hummingbird",
                ["Sources/Web/Server.swift", "Sources/fettle/ServeCommand.swift", "Sources/fettle-bench"]
            ),
            ("CSodium", ["Sources/Base/Secrets.swift"]),
        ]
        for (path, text) in TidyTests.files("Sources", "swift") {
            let imports = text.split(separator: "\n").filter { $0.hasPrefix("import ") }.map {
                $0.dropFirst(7)
            }
            for (module, places) in homes where imports.contains(where: { $0 == module }) {
                #expect(places.contains { path.hasPrefix($0) }, "\(path) imports \(module)")
            }
        }
    }

    /// Pure rules know neither the store nor the web.
    @Test func rulesArePure() {
        for (path, text) in TidyTests.files("Sources/Tickets", "swift") where path.contains("TicketRules") {
            for module in ["Store", "Web", "People"] {
                #expect(!text.contains("\nimport \(module)\n"), "\(path) imports \(module)")
            }
        }
    }

    /// A file can be read in a sitting.
    @Test func filesAreShort() {
        for (path, text) in TidyTests.files("Sources", "swift") + TidyTests.files("Tests", "swift") {
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false).count
            #expect(lines <= 450, "\(path) has \(lines) lines")
        }
    }

    /// Nothing that ends every user's session, nothing left to do.
    @Test func nothingTrapsAndNothingIsLeftOver() throws {
        let traps = ["try!", "fatalError(", "preconditionFailure(", " as! ", "TODO", "FIXME"]
        for (path, text) in TidyTests.files("Sources", "swift") {
            for trap in traps { #expect(!text.contains(trap), "\(path) contains \(trap)") }
        }
    }

    /// SQL is made by interpolation only; no statement is put together from strings.
    @Test func onlyTheEnginesSpeakRawSQL() {
        for (path, text) in TidyTests.files("Sources", "swift")
        where !path.hasPrefix("Sources/Store") && !path.hasPrefix("Sources/fettle-bench") {
            #expect(!text.contains("execute(sql:"), "\(path)")
            #expect(!text.contains("executeScript("), "\(path)")
        }
    }

    // MARK: Sentences

    /// Every language has every key, each with the same places to fill.
    @Test func everyLanguageSaysEverything() {
        let all = Language.allCases.map { Strings.of($0) }
        let keys = Set(all.flatMap { $0.keys })
        #expect(keys.count > 100)
        for key in keys.sorted() {
            let sentences = all.map { $0[key] }
            for (language, strings) in zip(Language.allCases, all) {
                #expect(strings.has(key), "\(key) is missing in \(language.rawValue)")
            }
            let found = Set(sentences.map { places(in: $0) })
            #expect(found.count == 1, "\(key): the places to fill differ")
        }
    }

    private func places(in sentence: String) -> Set<String> {
        Set(sentence.matches(of: /\{([a-z_]+)\}/).map { String($0.1) })
    }

    /// A sentence stands in one place: a second one would silently win or lose.
    @Test(arguments: Language.allCases)
    func everySentenceStandsOnce(_ language: Language) {
        var known: Set<Substring> = []
        for asset in Asset.all where asset.name.hasSuffix(".\(language.rawValue).txt") {
            for line in String(decoding: asset.bytes, as: UTF8.self).split(separator: "\n")
            where !line.hasPrefix("#") {
                guard let end = line.range(of: " =")?.lowerBound else { continue }
                #expect(known.insert(line[..<end]).inserted, "\(asset.name): \(line)")
            }
        }
    }

    /// Every refusal that the code names has its sentence.
    @Test func everyRefusalHasASentence() {
        let strings = Strings.of(.english)
        let pattern =
            /(?:Failure\(\s*\.[a-zA-Z]+,\s*|\.conflict\(\s*|\.forbidden\(\s*|\.notFound\(\s*|wrong\(\s*"[a-z_\[\]]+",\s*)"([a-z_]+(?:\.[a-z0-9_]+)*)"/
        for (path, text) in TidyTests.files("Sources", "swift") {
            for match in text.matches(of: pattern) {
                let code = String(match.1)
                let isSaid = strings.has("error." + code)
                #expect(isSaid, "\(path): error.\(code)")
            }
        }
    }

    /// Nothing in the project speaks of the places it was made in.
    @Test func theProjectSpeaksOfTheProductAlone() {
        let outside = [["/", "work", "/"], ["/tmp/", "w/"], [".lib", "rary"]].map { $0.joined() }
        for folder in ["Sources", "Tests", "bin", "docs"] {
            for ending in ["swift", "py", "md", "sh", ""] {
                for (path, text) in TidyTests.files(folder, ending) {
                    for word in outside { #expect(!text.contains(word), "\(path) contains \(word)") }
                }
            }
        }
    }
}
