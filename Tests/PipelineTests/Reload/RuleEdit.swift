/// A kind of change of a rules folder.
enum RuleEdit: String, CaseIterable {
  case inPlace, renamedOver, broken, brokenLibrary, halfWritten, renamed, inTurn, release, temporary, backup
  case held, recreated, library, parameter, wallets, badWallets, burst, raising, window, migrate, badMigrate
  case badName, removed, earlier, asked, rolledBack, put, badPut, takenOut
}
