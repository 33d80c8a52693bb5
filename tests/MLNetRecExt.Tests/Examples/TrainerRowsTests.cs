using Compare;

namespace MLNetRecExt.Tests.Examples;

public class TrainerRowsTests
{
    [Fact]
    public void Create_EveryTrainerOfTheCatalog_HasARow()
    {
        using var files = new TemporaryFiles();
        var data = files.Write("ratings.csv", "user,item,rating\n");
        Type?[] compared = [.. Trainers(ComparisonTask.Ranking), .. Trainers(ComparisonTask.Ratings, "--task", "ratings", "--data", data)];

        var methods = typeof(RecommenderTrainersCatalog).GetMethods().Where(method => method.ReturnType.IsAssignableTo(typeof(RecommenderTrainer)));

        Assert.Empty(methods.Where(method => !compared.Contains(method.ReturnType)).Select(method => method.Name));
        Assert.Contains(typeof(StagedTrainer), compared);

        // Options are nested in their trainer.
        static IEnumerable<Type?> Trainers(ComparisonTask task, params string[] arguments) =>
            TrainerRows.Create(Arguments.Parse([.. arguments, "--trainers", string.Join(",", TrainerRows.Names(task))])).Select(row => row.Options.GetType().DeclaringType);
    }
}
