import Testing

@testable import Feeds

@Suite struct FeedBoardTests {
  private func board() -> FeedBoard {
    FeedBoard(source: 3, settings: FeedSettings(name: "venue", kind: .polymarket(PolymarketSettings())))
  }

  @Test(
    "a feed is down while it is on its way to a subscription, and neither when it is live nor when it has ended",
    arguments: [
      (FeedStatus.State.starting, true), (.connecting, true), (.subscribing, true), (.waiting, true),
      (.live, false), (.finished, false), (.failed, false),
    ])
  func down(state: FeedStatus.State, isDown: Bool) {
    let board = board()
    board.update { $0.state = state }
    #expect(board.isDown == isDown)
  }

  @Test("the newest stored order is the one with the latest time, whatever the order of the notes")
  func newest() {
    let board = board()
    #expect(board.newestTime == nil)
    board.noteStored(5_000)
    board.noteStored(9_000)
    board.noteStored(7_000)
    #expect(board.newestTime == 9_000)
    #expect(board.name == "venue" && board.snapshot.kind == "polymarket")
  }
}
