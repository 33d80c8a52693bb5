using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetRecExt.Benchmarks;

/// <summary>How fast stochastic gradient descent and alternating least squares lower one objective: rating prediction with biases, one thread.</summary>
internal static class ConvergenceBenchmark
{
    private const int Rank = 64;
    private const float Lambda = 0.08f;
    private static readonly int[] Iterations = [1, 2, 3, 5, 10, 20, 40, 80];

    public static int Run(string[] args)
    {
        if (args is not [var path])
            throw new ArgumentException("convergence takes a file.");
        var ml = new MLContext();
        var view = ml.Data.LoadFromTextFile(path, [new("User", DataKind.String, 0), new("Item", DataKind.String, 1), new("Label", DataKind.Single, 2)]);
        var data = ml.Recommenders().Data.ReadInteractions(view, new InteractionColumns("User", "Item", "Label"));
        Console.WriteLine(FormattableString.Invariant(
            $"{data.Count} ratings of {data.Users.Count} users and {data.Items.Count} items; rank {Rank}, biases, λ {Lambda} by frequency, 1 thread; loss per rating after n iterations, and CPU seconds until then"));
        Console.WriteLine($"| | {string.Join(" | ", Iterations)} |");
        Console.WriteLine($"|---|{string.Concat(Iterations.Select(_ => "---|"))}");
        Measure("SGD", data, Sgd);
        Measure("WALS, conjugate gradient", data, d => Wals(d, WalsSolver.ConjugateGradient));
        Measure("WALS, Cholesky", data, d => Wals(d, WalsSolver.Cholesky));
        return 0;
    }

    private static void Measure(string name, Interactions data, Func<Interactions, (Action Iterate, Func<FactorModel> Model)> start)
    {
        // A training before the one that is measured compiles the code.
        for (int run = 0; run < 2; run++)
        {
            var (iterate, model) = start(data);
            var cells = new List<string>();
            var seconds = 0.0;
            for (int iteration = 1; iteration <= Iterations[^1]; iteration++)
            {
                var cpu = Environment.CpuUsage.TotalTime;
                iterate();
                seconds += (Environment.CpuUsage.TotalTime - cpu).TotalSeconds;
                if (Iterations.Contains(iteration))
                    cells.Add(string.Create(CultureInfo.InvariantCulture, $"{Loss(model(), data.ByUser) / data.Count:F4}, {seconds:F3} s"));
            }
            if (run == 1)
                Console.WriteLine($"| {name} | {string.Join(" | ", cells)} |");
        }
    }

    private static (Action Iterate, Func<FactorModel> Model) Sgd(Interactions data)
    {
        var settings = new SgdMatrixFactorizationTrainer.Options { Regularization = Lambda }.Settings;
        var descent = new StochasticGradientDescent(data.ByUser, data.Items.Count, settings, Rank, threads: 1, CancellationToken.None);
        return (() => descent.Iterate(), Model);

        SgdMatrixFactorizationModel Model()
        {
            var (users, items) = descent.CopyFactors();
            return new SgdMatrixFactorizationModel(data.Users, data.Items, data.ByUser, users, items, descent.Mean, settings);
        }
    }

    private static (Action Iterate, Func<FactorModel> Model) Wals(Interactions data, WalsSolver solver)
    {
        var settings = new WalsTrainer.Options
        {
            Regularization = Lambda,
            UnobservedWeight = 0,
            UnobservedPopularityExponent = 0,
            Target = WalsTarget.Label,
            UseBiases = true,
            ItemSmoothing = 0,
        }.Settings;
        var squares = new AlternatingLeastSquares(data.ByUser, data.Items.Count, settings, new(solver, Rank, Seed: 42, Threads: 1));
        return (() => squares.Sweep(), () =>
            new WalsModel(data.Users, data.Items, data.ByUser, squares.CopyUserFactors(), squares.ItemFactors.Copy(), settings, squares.Mean));
    }

    /// <summary>Σ (A_ui − s_ui)² + λ (‖U_u‖² + b_u² + ‖V_i‖² + b_i²) over the ratings.</summary>
    private static double Loss(FactorModel model, InteractionRows ratings)
    {
        double loss = 0;
        for (int user = 0; user < ratings.RowCount; user++)
        {
            var items = ratings.Indices(user);
            for (int e = 0; e < items.Length; e++)
                loss += Math.Pow(ratings.Labels(user)[e] - model.Score(user, items[e]), 2)
                    + Lambda * (Squares(model.UserFactors(user), model.UserBias(user)) + Squares(model.ItemFactors(items[e]), model.ItemBias(items[e])));
        }
        return loss;
    }

    private static double Squares(ReadOnlySpan<float> factors, double bias)
    {
        var sum = bias * bias;
        foreach (var value in factors)
            sum += (double)value * value;
        return sum;
    }
}
