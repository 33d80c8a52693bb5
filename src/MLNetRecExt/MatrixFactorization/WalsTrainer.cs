using Microsoft.ML.Runtime;

namespace MLNetRecExt;

/// <summary>Weighted alternating least squares.</summary>
public sealed class WalsTrainer : RecommenderTrainer<WalsModel>
{
    /// <summary>Options of <see cref="WalsTrainer"/>.</summary>
    public sealed class Options : RecommenderTrainerOptions
    {
        /// <summary>Length K of the embeddings. 32, 64, 128 and 256 have kernels of their own.</summary>
        /// <value>Default 64; range [1, 1024].</value>
        [OptionRange(1, 1024)]
        public int ApproximationRank = 64;

        /// <summary>Sweeps over both sides at most.</summary>
        /// <value>Default 15; range [1, 10000].</value>
        [OptionRange(1, 10000)]
        public int NumberOfIterations = 15;

        /// <summary>λ, the weight of the squared norms.</summary>
        /// <value>Default 0.01; range [0, 1e6].</value>
        [OptionRange(0, 1e6), TuneRange(1e-4, 1, Logarithmic = true)]
        public float Regularization = 0.01f;

        /// <summary>ν: how λ grows with a row's frequency; 0 plain, 1 as Rendle et al.</summary>
        /// <value>Default 1; range [0, 1].</value>
        [OptionRange(0, 1)]
        public float RegularizationExponent = 1;

        /// <summary>w0, the weight of an unobserved pair; 0 looks at observed pairs only.</summary>
        /// <value>Default 0.1; range [0, 1e6].</value>
        [OptionRange(0, 1e6), TuneRange(1e-3, 1, Logarithmic = true)]
        public float UnobservedWeight = 0.1f;

        /// <summary>a: an unobserved item weighs f_i = (popularity share)^a, scaled to mean 1; 0 makes every f_i 1.</summary>
        /// <value>Default 0; range [0, 2].</value>
        [OptionRange(0, 2)]
        public float UnobservedPopularityExponent;

        /// <summary>α: an observed pair weighs 1 + α·label (Hu, Koren, Volinsky 2008). 0: weight 1.</summary>
        /// <value>Default 0; range [0, 1e6].</value>
        [OptionRange(0, 1e6)]
        public float ConfidenceScale;

        /// <summary>How one user's or item's problem is solved.</summary>
        /// <value>Default <see cref="WalsSolver.ConjugateGradient"/>.</value>
        public WalsSolver Solver = WalsSolver.ConjugateGradient;
    }

    internal WalsTrainer(IHostEnvironment environment, Options options)
        : base(environment, options)
    {
    }

    private protected override WalsModel Train(Interactions train, Interactions? validation, IChannel channel) =>
        throw new NotImplementedException();
}
