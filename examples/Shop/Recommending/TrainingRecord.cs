namespace Shop;

/// <summary>What a training came to: kept beside the model, for the operator and for the next night.</summary>
/// <param name="Ndcg">NDCG@10 of each customer's last order line, held out, with its 95 % interval.</param>
internal sealed record TrainingRecord(
    DateTimeOffset Time, double Seconds, int Taken, int Customers, double Ndcg, double Low, double High, bool Published)
{
    public override string ToString() => FormattableString.Invariant(
        $"{Taken:N0} products taken by {Customers:N0} customers, in {Seconds:F1} s: NDCG@10 {Ndcg:F3} ({Low:F3} to {High:F3}), ")
        + (Published ? "published" : "not published: worse than the model that serves");
}
